-- Ends waiting jobs as cancelled at once; asks the consumers of running ones to interrupt them. The first request's
-- reason stands. Cancelled jobs are kept as long as their task keeps dead ones.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 the verdict's text, 3 the start of every consumer's channel, then the ids,
--   at most 1,000.
-- Replies: for each: "done", "requested", "not-found", or the final state that does not allow it. Fewer answers than ids
--   when 4 MiB of records have been read: the rest was not looked at.
-- Complexity: O(ids * log n).
--@include keys.lua
--@include even-if-full.lua
--@include now.lua
--@include state.lua
--@include lease.lua
--@include finish.lua
--@include ledger.lua
--@include recording.lua
local answers, read = {}, 0

local function cancel(id)
  local state = stateOf(id)
  if not state then return "not-found" end
  if state == "completed" or state == "cancelled" or state == "dead" then return state end
  if state == "running" then
    call("HSETNX", cancels, id, ARGV[2])
    local consumer = select(5, parseLease(call("HGET", leases, id)))
    call("PUBLISH", ARGV[3] .. consumer, "c" .. base)
    return "requested"
  end
  local record = call("HGET", jobs, id)
  read = read + #record
  call("ZREM", base .. ":" .. state, id)
  notHandedBack(id)
  finish("cancelled", { id }, { ARGV[2] }, (select(5, headOf(record))))
  if note then note("cancelled", { id }) end
  return "done"
end

for i = 4, #ARGV do
  if read > 4194304 then break end
  answers[#answers + 1] = cancel(ARGV[i])
end
if tell then tell() end
return answers

-- Makes dead and cancelled jobs available again, at the back, with all their attempts; the ledger stays.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), then the ids, at most 1,000.
-- Replies: for each: "done", "not-found", or the state that does not allow it.
-- Complexity: O(ids * log n).
--@include keys.lua
--@include now.lua
--@include state.lua
--@include enter.lua
--@include wake.lua
--@include recording.lua
local answers, count = {}, 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local state = stateOf(id)
  answers[i - 1] = state or "not-found"
  if state == "dead" or state == "cancelled" then
    call("ZREM", base .. ":" .. state, id)
    call("HDEL", verdicts, id)
    call("HDEL", attempts, id)
    if call("HEXISTS", awaited, id) == 1 then call("HSET", awaited, id, "") end
    enter({ id })
    if note then note("retried", { id }) end
    answers[i - 1], count = "done", count + 1
  end
end
wake(count)
if tell then tell() end
return answers

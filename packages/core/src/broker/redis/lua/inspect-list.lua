-- One page of the jobs in one state, in the state's order, after a place in that order.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (not used), 2 state, 3 how many at most (1 to 1,000), 4 and 5 score and id after which the page starts
--   ("" and "": at the start). That job need not be there any more.
-- Replies: { 1 if there is more, job, job, ... }, each job as lib/view.lua answers it. Fewer jobs than asked for when
--   4 MiB of records have been read.
-- Complexity: O(log(n)^2 + limit).
--@include keys.lua
--@include view.lua
--@include rank.lua
local set = base .. ":" .. ARGV[2]
local from = ARGV[4] == "" and 0 or rankAfter(set, ARGV[4], ARGV[5])
local limit = tonumber(ARGV[3])
local head = call("ZRANGE", set, from, from + limit, "WITHSCORES")
local reply, read = { #head > 2 * limit and 1 or 0 }, 0
for i = 1, math.min(#head, 2 * limit), 2 do
  if read > 4194304 then
    reply[1] = 1
    break
  end
  local job = view(head[i], ARGV[2], head[i + 1])
  read = read + #job[4]
  reply[#reply + 1] = job
end
return reply

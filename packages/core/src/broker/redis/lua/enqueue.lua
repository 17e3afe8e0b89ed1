-- Puts jobs into a partition, and wakes as many idle consumers as there is new work for.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 the most live jobs ("": no limit), 3 the number of jobs n (1 to 1,000),
--   4 which of the optional lists follow, of "p", "d", "a", in this order; with "n" all ids are new: made for this
--   call and known nowhere, so nobody looks; 5 lane (unique in the partition, no white space), 6 sequence; then n ids,
--   n records (without their first number), and if named: p: n priorities (-100 to 100), d: n dues (ms from now;
--   negative: epoch ms times -1), a: n marks ("1": awaited).
-- Replies: "" (all created), or one letter for each job: c created, e existing (nothing changed), f full (refused).
--   An id is known in whatever state its job is; twice in one call, the second is existing. The last sequence of a
--   lane again: the same answers; nothing is changed, not even if the jobs have ended and are gone. A lower one: an
--   error, and nothing is changed: a call that was overtaken, from a connection that was given up.
-- Complexity: O(n * log n). At most 4 MiB a call: the client's duty.
--@include keys.lua
local lane, sequence, last = ARGV[5], ARGV[6], call("HGET", calls, ARGV[5])
local before = last and tonumber(string.match(last, "^%d+"))
if before == tonumber(sequence) then return string.match(last, "[a-z]*$") end
if before and before > tonumber(sequence) then return redis.error_reply("ERR overtaken by a later enqueue") end

--@include now.lua
--@include wake.lua
--@include promote.lua
--@include put.lua
--@include intake.lua
local answers, isMixed = {}, false
for i = 1, n do
  local id = ARGV[6 + i]
  if known[i] or seen[id] then answers[i], isMixed = "e", true
  elseif limit and live >= limit then answers[i], isMixed = "f", true
  else
    answers[i] = "c"
    admit(i, id)
  end
end

if f > 0 then
  isBare = isBare and #later == 0
  call("HSET", jobs, unpack(fields)) -- the first write: refused as a whole when memory is full
  if o > 0 then call("ZADD", available, unpack(orders)) end
  if #later > 0 then call("ZADD", scheduled, unpack(later)) end
  if #own > 0 then put(priorities, own) end
  call("HSET", meta, "seq", order, "enqueued", enqueued + f / 2, "largest", largest)
  wake(o / 2)
  if #later > 0 then arm(nextDue()) end
  if note then noteCreated(answers) end
end
if markAt then mark(answers) end
local answer = isMixed and table.concat(answers) or ""
-- when memory is full and nothing was written so far, this is refused; the answer still holds
redis.pcall("HSET", calls, lane, sequence .. "|" .. format("%d", now) .. "|" .. answer)
return answer

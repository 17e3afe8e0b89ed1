-- Takes jobs whose lease has run out from their consumers, the earliest deadline first. It costs the attempt: to
-- retryable after the job's crash delay, or dead after the last attempt or past the maximum age, or cancelled where
-- somebody has asked for that. Who waits for work learns when the first of them is due.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 how many at most (1 to 1,000), 3 the verdict of a job whose last attempt
--   it was, 4 the verdict of one that is too old.
-- Replies: { how many were taken, 1 if more have run out }. Fewer than the limit when 4 MiB of records have been read.
-- Complexity: O(limit * log n).
--@include keys.lua
--@include now.lua
--@include lease.lua
--@include outcomes.lua
--@include promote.lua
--@include wake.lua
--@include recording.lua
local function crash(id)
  local text = call("HGET", jobs, id)
  local enqueuedAt, limit, maxAge, delay, keepMs = headOf(text)
  local _, attempt, startedAt, _, consumer = parseLease(call("HGET", leases, id))
  call("ZREM", running, id)
  call("HDEL", leases, id)
  used({ id }, { attempt })
  record(id, format('{"attempt":%s,"kind":"Crashed","message":"the lease ran out","consumer":%s,"startedAtMs":%s}',
    attempt, cjson.encode(consumer), startedAt))
  local function become(event) if note then note(event, { id }, { attempt }) end end
  become("rescued")
  local wish, isTooOld = call("HGET", cancels, id), maxAge > 0 and now + delay >= enqueuedAt + maxAge
  if wish then
    call("HDEL", cancels, id)
    finish("cancelled", { id }, { wish }, keepMs)
    become("cancelled")
  elseif tonumber(attempt) >= limit or isTooOld then
    finish("dead", { id }, { tonumber(attempt) >= limit and ARGV[3] or ARGV[4] }, keepMs)
    become("dead")
  else
    wait(retryable, { id }, delay)
    become("retrying")
  end
  return #text
end

local ids = call("ZRANGE", running, "-inf", now, "BYSCORE", "LIMIT", 0, ARGV[2])
local count, read = 0, 0
for _, id in ipairs(ids) do
  if read > 4194304 then break end
  read, count = read + crash(id), count + 1
end
if count > 0 then
  call("HINCRBY", meta, "rescued", count)
  arm(nextDue())
end
if tell then tell() end
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
return { count, earliest and earliest <= now and 1 or 0 }

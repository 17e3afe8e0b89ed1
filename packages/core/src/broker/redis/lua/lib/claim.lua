-- claim(limit): gives up to `limit` (at most 1,000) jobs from the head of `available` to a consumer, each with a lease.
-- Answers their ids, their records, and "attempt handedBack" of each ("": all first attempts, never handed back).
-- Stops at 4 MiB of payload, but takes at least one job.
--@include records.lua
--@include put.lua
local function numbers(ids)
  local known = call("EXISTS", attempts) == 1 and call("HMGET", attempts, unpack(ids))
  local attempt, told, isPlain = {}, {}, true
  for i in ipairs(known and ids or {}) do
    local done, times = string.match(known[i] or "0", "^(%d+) ?(%d*)")
    attempt[i] = format("%d", done + 1)
    told[i] = attempt[i] .. " " .. (times == "" and "0" or times)
    if known[i] then isPlain = false end
  end
  return attempt, isPlain and "" or table.concat(told, " ")
end

local function claim(limit, token, consumer, leaseMs)
  local head = call("ZRANGE", available, 0, limit - 1, "WITHSCORES")
  local ids = {}
  for i = 1, #head / 2 do ids[i] = head[2 * i - 1] end
  if #ids == 0 then return ids, ids, "" end
  local texts = records(ids)
  for i = #ids, #texts + 1, -1 do ids[i] = nil end
  local attempt, told = numbers(ids)
  local deadline, since, tail = fromNow(leaseMs), format(" %d ", now), " " .. consumer
  local start, isFirst = token .. " 1" .. since, told == ""
  local deadlines, lease = {}, {}
  for i, id in ipairs(ids) do
    deadlines[2 * i - 1], deadlines[2 * i], lease[2 * i - 1] = deadline, id, id
    lease[2 * i] = (isFirst and start or token .. " " .. attempt[i] .. since) .. head[2 * i] .. tail
  end
  call("ZREMRANGEBYRANK", available, 0, #ids - 1)
  rank(running, deadlines)
  put(leases, lease)
  return ids, texts, told
end

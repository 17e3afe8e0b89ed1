-- nextDue(): when (epoch ms) the next scheduled or retryable job is due; nil: there is none.
-- promoteDue(limit): makes up to `limit` (at most 1,000) due jobs available, by due time, retryable ones first among
-- equals. Answers how many.
--@include enter.lua
--@include noted.lua
local function nextDue()
  if isBare then return nil end
  local retry = tonumber(call("ZRANGE", retryable, 0, 0, "WITHSCORES")[2])
  local other = tonumber(call("ZRANGE", scheduled, 0, 0, "WITHSCORES")[2])
  return retry and other and math.min(retry, other) or retry or other
end

local function promoteDue(limit)
  local retry = call("ZRANGE", retryable, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
  local other = call("ZRANGE", scheduled, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
  local a, b, ids = 1, 1, {}
  while #ids < limit and (retry[a] or other[b]) do
    if retry[a] and (not other[b] or tonumber(retry[a + 1]) <= tonumber(other[b + 1])) then
      ids[#ids + 1], a = retry[a], a + 2
    else
      ids[#ids + 1], b = other[b], b + 2
    end
  end
  if #ids == 0 then return 0 end
  call("ZREM", retryable, unpack(ids))
  call("ZREM", scheduled, unpack(ids))
  enter(ids)
  if note then note("promoted", ids) end
  return #ids
end

-- claim(limit): gives up to `limit` (at most 1,000) jobs from the head of `available` to a consumer, each with a lease.
-- Answers their ids, their records, and "attempt handedBack" of each ("": all first attempts, never handed back).
-- Stops at 4 MiB of payload, but takes at least one job.
--@include records.lua
--@include orders.lua
--@include put.lua
--@include plain.lua
--@include noted.lua
local function numbers(ids)
  local known = has(attempts) and call("HMGET", attempts, unpack(ids))
  local attempt, told, isPlain = {}, {}, true
  for i in ipairs(known and ids or {}) do
    local done, times = string.match(known[i] or "0", "^(%d+) ?(%d*)")
    attempt[i] = format("%d", done + 1)
    told[i] = attempt[i] .. " " .. (times == "" and "0" or times)
    if known[i] then isPlain = false end
  end
  return attempt, isPlain and "" or table.concat(told, " ")
end

local function noteClaimed(ids, texts, attempt)
  local first, tasks = {}, {}
  for i, text in ipairs(texts) do first[i], tasks[i] = attempt[i] or "1", string.match(text, "\n(%S+)") end
  note("claimed", ids, first, tasks)
end

-- The ids; for a single one, which its size never keeps back, also its order: it is taken by one command in place of four.
local function head(limit)
  if limit > 1 then return call("ZRANGE", available, 0, limit - 1) end
  local popped = call("ZPOPMIN", available)
  return { popped[1] }, { popped[2] }
end

local function claim(limit, token, consumer, leaseMs, largest)
  local ids, order = head(limit)
  if #ids == 0 then return ids, ids, "" end
  local texts = records(ids, largest)
  for i = #ids, #texts + 1, -1 do ids[i] = nil end
  local attempt, told = numbers(ids)
  order = order or orders(#ids)
  local deadline, since, tail = fromNow(leaseMs), format(" %d ", now), " " .. consumer
  local start, isFirst = token .. " 1" .. since, told == ""
  local deadlines, lease = {}, {}
  for i, id in ipairs(ids) do
    deadlines[2 * i - 1], deadlines[2 * i], lease[2 * i - 1] = deadline, id, id
    lease[2 * i] = (isFirst and start or token .. " " .. attempt[i] .. since) .. order[i] .. tail
  end
  if limit > 1 then call("ZREMRANGEBYRANK", available, 0, #ids - 1) end
  local grows = outgrows(call("ZCARD", running), #ids)
  if grows then
    call("ZADD", running, 0, unwieldy)
    call("HSET", leases, unwieldy, "")
  end
  call("ZADD", running, unpack(deadlines))
  call("HSET", leases, unpack(lease))
  if grows then
    call("ZREM", running, unwieldy)
    call("HDEL", leases, unwieldy)
  end
  if note then noteClaimed(ids, texts, attempt) end
  return ids, texts, told
end

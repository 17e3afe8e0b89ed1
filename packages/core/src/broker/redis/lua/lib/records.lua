-- records(ids, largest): the records of as many of `ids` as fit into 4 MiB of payload, at least one. Reads so many at a time
-- that even the longest record ever taken in (`largest` of meta, bytes) can't make it read more than twice that.
local budget = 4194304
local function payloadBytes(record)
  local first = string.find(record, "\n", 1, true)
  return #record - string.find(record, "\n", first + 1, true)
end

local function records(ids, largest)
  local step = math.floor(budget / (tonumber(largest) or 1))
  step = math.max(1, math.min(step, #ids))
  if step == #ids then return call("HMGET", jobs, unpack(ids)) end
  local all, n, bytes = {}, 0, 0
  for from = 1, #ids, step do
    for _, record in ipairs(call("HMGET", jobs, unpack(ids, from, math.min(from + step - 1, #ids)))) do
      bytes = bytes + payloadBytes(record)
      if n > 0 and bytes > budget then return all end
      n = n + 1
      all[n] = record
    end
  end
  return all
end

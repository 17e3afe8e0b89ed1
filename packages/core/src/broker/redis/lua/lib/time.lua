-- fromNow(ms): the time `ms` from now as a score or field; whatever is kept "for ever" is kept for 31,000 years.
-- headOf(record): the numbers of a record: enqueuedAt, attempts, maxAge, crashDelay, keepDead (ms), priority.
local function fromNow(ms)
  return format("%d", now + math.min(ms, 1e15))
end

local function headOf(record)
  local numbers = {}
  for number in string.gmatch(string.match(record, "^[^\n]*"), "%S+") do numbers[#numbers + 1] = tonumber(number) end
  return unpack(numbers)
end

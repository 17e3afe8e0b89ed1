-- held(ids, tokens, count): which of the leases of the ids ARGV[ids + 1 .. ids + count] hold: right token, deadline not
-- reached. `tokens` is a text when all have that token, else the position before the first token in ARGV.
-- Answers the ids that hold, their leases ("token attempt startedAt order consumer") and their places (1 .. count).
-- Deadlines are read only when the earliest of all leases has passed. An id named twice may hold twice.
local function held(ids, tokens, count)
  local found = call("HMGET", leases, unpack(ARGV, ids + 1, ids + count))
  local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
  local deadlines = earliest and earliest <= now and call("ZMSCORE", running, unpack(ARGV, ids + 1, ids + count))
  local mark = type(tokens) == "string" and tokens .. " "
  local list, mine, places, n = {}, {}, {}, 0
  for i = 1, count do
    local lease = found[i]
    if lease and string.find(lease, mark or ARGV[tokens + i] .. " ", 1, true) == 1
      and not (deadlines and tonumber(deadlines[i]) <= now) then
      n = n + 1
      list[n], mine[n], places[n] = ARGV[ids + i], lease, i
    end
  end
  return list, mine, places
end

local function parseLease(lease)
  return string.match(lease, "^(%S+) (%d+) (%d+) (%d+) (.*)$")
end

-- again(last, isSame): the reply to a call of a lane that has been applied before; changes nothing. `last` is what the
-- lane recorded: "sequence|used at|outcomes|lost|ids". With `isSame` false the call is older than that one: all is lost.
local function again(last, isSame)
  local due, isPaused = nextDue(), call("HEXISTS", meta, "paused")
  local untilDue = due and math.max(0, due - now) or -1
  local count, missed, claimed = string.match(last, "^%d+|%d+|(%d+)|([%d ]*)|(.*)$")
  if not isSame then return { -1, "", untilDue, isPaused, "", "", {}, now } end
  local ids, told, mine, since = {}, {}, ARGV[2] .. "." .. ARGV[3], now
  for id in string.gmatch(claimed, "[^\n]+") do
    local token, attempt, startedAt = parseLease(call("HGET", leases, id) or "")
    if token == mine then
      since = tonumber(startedAt)
      local times = string.match(call("HGET", attempts, id) or "", "^%d+ (%d+)")
      ids[#ids + 1], told[#told + 1] = id, attempt .. " " .. (times or "0")
    end
  end
  local texts = #ids > 0 and call("HMGET", jobs, unpack(ids)) or {}
  return { tonumber(count), missed, untilDue, isPaused, table.concat(ids, "\n"), table.concat(told, " "), texts, since }
end

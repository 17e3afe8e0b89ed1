-- wake(count): wakes up to `count` idle consumers, the longest-waiting first; each leaves `idle`. Who is not subscribed
-- any more leaves it too and does not count; at most 1,000 of those. A paused partition wakes nobody.
-- arm(due): has one idle consumer come to set its timer, unless one has a timer that rings from now until `due` (epoch
-- ms; nil: nothing is due). A timer that should have rung belongs to a consumer that is on its way, or dead.
-- `idle` holds channels, `timers` those of them that have set one; the message is "w" and the base.
local function wake(count)
  if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
  local misses = 1000
  while count > 0 and misses > 0 do
    local popped = call("ZPOPMIN", idle, math.min(count, 100))
    if #popped == 0 then return end
    for i = 1, #popped, 2 do
      call("ZREM", timers, popped[i])
      if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
    end
  end
end

local function arm(due)
  if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
    wake(1)
  end
end

-- wake(count): wakes up to `count` idle consumers, the longest-waiting first; each leaves `idle`. Who is not subscribed
-- any more leaves it too and does not count; at most 100 of those. A paused partition wakes nobody.
-- `idle` holds channels; the message is "w" and the base.
local function wake(count)
  if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
  local misses = 100
  while count > 0 and misses > 0 do
    local popped = call("ZPOPMIN", idle, math.min(count, 100))
    if #popped == 0 then return end
    for i = 1, #popped, 2 do
      if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
    end
  end
end

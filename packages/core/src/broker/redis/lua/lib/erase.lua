-- erase(ids): forgets jobs that were deleted by hand and have left their sets; whoever waits for one learns that it is
-- gone. At most 1,000 ids, at least one.
--@include forget.lua
--@include announce.lua
--@include noted.lua
local function erase(ids)
  if has(awaited) then
    for i, channels in ipairs(call("HMGET", awaited, unpack(ids))) do
      if channels then announce(channels, ids[i]) end
    end
  end
  forget(ids)
  call("HINCRBY", meta, "removed", #ids)
  if note then note("removed", ids) end
end

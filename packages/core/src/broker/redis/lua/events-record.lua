-- Has events recorded until a time from now at least. Where they were not recorded, one number is left out, so that a
-- reader sees that it missed something.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 for how long (ms; "": always), 3 how many events are kept for readers.
-- Replies: { the numbering (epoch ms of its beginning), the number of the last event, now (epoch ms) }.
-- Complexity: O(1).
--@include keys.lua
--@include now.lua
local before = call("HMGET", meta, "recording", "recorded")
local untilMs, epoch = string.match(before[1] or "", "^(%d+) (%d+)")
local number = tonumber(before[2]) or 0
if not untilMs or tonumber(untilMs) <= now then number = call("HINCRBY", meta, "recorded", 1) end
local wanted = ARGV[2] == "" and 9007199254740991 or now + ARGV[2]
local till = format("%d", math.max(tonumber(untilMs) or 0, wanted))
epoch = epoch or format("%d", now)
call("HSET", meta, "recording", till .. " " .. epoch .. " " .. ARGV[3])
return { tonumber(epoch), number, now }

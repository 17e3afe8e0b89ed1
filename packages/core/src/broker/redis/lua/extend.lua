-- Extends leases to a time from now, and tells which are lost and which jobs are to be cancelled.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 lease (ms), 3 the number of leases n (1 to 1,000), then n ids, n tokens.
-- Replies: {} (all extended), or for each: "" extended, "l" lost, else extended and to be cancelled: the verdict's text.
-- Complexity: O(n * log n).
--@include keys.lua
--@include even-if-full.lua
--@include now.lua
--@include lease.lua
--@include time.lua
local count = tonumber(ARGV[3])
local ids, _, places = held(3, 3 + count, count)
local deadline, deadlines = fromNow(tonumber(ARGV[2])), {}
for i, id in ipairs(ids) do deadlines[2 * i - 1], deadlines[2 * i] = deadline, id end
if #ids > 0 then call("ZADD", running, unpack(deadlines)) end

local isAnyWanted = call("EXISTS", cancels) == 1
if #ids == count and not isAnyWanted then return {} end
local answers = {}
for i = 1, count do answers[i] = "l" end
local wishes = isAnyWanted and #ids > 0 and call("HMGET", cancels, unpack(ids)) or {}
for n, i in ipairs(places) do answers[i] = wishes[n] or "" end
return answers

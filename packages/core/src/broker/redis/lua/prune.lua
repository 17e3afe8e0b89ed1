-- Deletes ended jobs whose retention has passed, completed, then cancelled, then dead ones, those that expired first
-- first; and forgets lanes of which nothing was heard for an hour.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 how many at most (1 to 1,000).
-- Replies: { how many were deleted, 1 if more have expired }.
-- Complexity: O(limit * log n); looks at about 100 lanes, and goes on from there the next time.
--@include keys.lua
--@include even-if-full.lua
--@include now.lua
--@include forget.lua
local left, more = tonumber(ARGV[2]), 0
for _, state in ipairs({ "completed", "cancelled", "dead" }) do
  local set = base .. ":" .. state
  local ids = left > 0 and call("ZRANGE", set, "-inf", now, "BYSCORE", "LIMIT", 0, left) or {}
  if #ids > 0 then
    call("ZREM", set, unpack(ids))
    forget(ids)
    call("HINCRBY", meta, "pruned", #ids)
    left = left - #ids
  end
  if call("ZCOUNT", set, "-inf", now) > 0 then more = 1 end
end

local cursor = call("HGET", meta, "lanes") or "0"
local page = call("HSCAN", calls, cursor, "COUNT", 100)
for i = 1, #page[2], 2 do
  local usedAt = tonumber(string.match(page[2][i + 1], "^%d+|(%d+)"))
  if usedAt + 3600000 <= now then call("HDEL", calls, page[2][i]) end
end
if page[1] ~= cursor then call("HSET", meta, "lanes", page[1]) end
return { tonumber(ARGV[2]) - left, more }

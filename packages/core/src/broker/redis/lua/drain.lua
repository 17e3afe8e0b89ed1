-- Deletes waiting jobs: available ones as they would be claimed, then retryable, scheduled and blocked ones in order.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 how many at most (1 to 1,000).
-- Replies: { how many were deleted, 1 if any waiting job remains }.
-- Complexity: O(limit * log n).
--@include keys.lua
--@include now.lua
--@include erase.lua
--@include recording.lua
local left = tonumber(ARGV[2])
local sets = { available, retryable, scheduled, blocked }
for _, set in ipairs(sets) do
  local ids = left > 0 and call("ZRANGE", set, 0, left - 1) or {}
  if #ids > 0 then
    call("ZREMRANGEBYRANK", set, 0, #ids - 1)
    erase(ids)
    left = left - #ids
  end
end
if tell then tell() end
return { tonumber(ARGV[2]) - left, call("EXISTS", unpack(sets)) > 0 and 1 or 0 }

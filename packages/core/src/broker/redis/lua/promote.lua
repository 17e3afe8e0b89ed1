-- Makes due jobs available, by due time, retryable ones first among equals; wakes an idle consumer for each.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 how many at most (1 to 1,000).
-- Replies: { how many became available, 1 if more are due }.
-- Complexity: O(limit * log n).
--@include keys.lua
--@include now.lua
--@include promote.lua
--@include wake.lua
--@include recording.lua
local count = promoteDue(tonumber(ARGV[2]))
if count > 0 then wake(count) end
if tell then tell() end
local due = nextDue()
return { count, due and due <= now and 1 or 0 }

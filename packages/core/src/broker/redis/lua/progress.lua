-- Keeps a running job's progress, replacing the last.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 id, 3 token, 4 the progress (opaque text).
-- Replies: 1 kept, 0 the lease was lost and nothing changed.
-- Complexity: O(log n).
--@include keys.lua
--@include now.lua
--@include lease.lua
--@include put.lua
if #held(1, ARGV[3], 1) == 0 then return 0 end
put(progress, { ARGV[2], ARGV[4] })
return 1

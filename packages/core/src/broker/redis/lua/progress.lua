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
--@include recording.lua
local ids, lease = held(1, ARGV[3], 1)
if #ids == 0 then return 0 end
put(progress, { ARGV[2], ARGV[4] })
if note then
  note("progressed", ids, { (select(2, parseLease(lease[1]))) })
  tell()
end
return 1

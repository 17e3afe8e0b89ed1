-- Stops claims, or undoes that and wakes every idle consumer.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 "1": pause, "0": resume.
-- Replies: 1.
-- Complexity: O(1); resume: O(idle consumers), at most 10,000.
--@include keys.lua
--@include even-if-full.lua
--@include now.lua
--@include wake.lua
--@include recording.lua
if ARGV[2] == "1" then
  local isNew = call("HSET", meta, "paused", "1") == 1
  if note and isNew then note("paused", { "" }) end
else
  local isNew = call("HDEL", meta, "paused") == 1
  if note and isNew then note("resumed", { "" }) end
  wake(10000)
end
if tell then tell() end
return 1

-- Stops claims, or undoes that and wakes every idle consumer.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (not used), 2 "1": pause, "0": resume.
-- Replies: 1.
-- Complexity: O(1); resume: O(idle consumers), at most 10,000.
--@include keys.lua
--@include even-if-full.lua
--@include wake.lua
if ARGV[2] == "1" then
  call("HSET", meta, "paused", "1")
else
  call("HDEL", meta, "paused")
  wake(10000)
end
return 1

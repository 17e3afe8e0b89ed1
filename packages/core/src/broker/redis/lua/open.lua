-- A queue's partition count: stored now if it never was.
--
-- Keys: 1 the hash of all queues.
-- Args: 1 the queue's name, 2 the count to store.
-- Replies: the stored count.
-- Complexity: O(1).
redis.call("HSETNX", KEYS[1], ARGV[1], ARGV[2])
return tonumber(redis.call("HGET", KEYS[1], ARGV[1]))

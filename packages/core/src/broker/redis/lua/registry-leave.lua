-- Forgets a consumer.
--
-- Keys: 1 the registry's base.
-- Args: 1 now (not used), 2 the consumer's name.
-- Replies: 1 if it was known, else 0.
-- Complexity: O(log n).
redis.call("ZREM", KEYS[1] .. ":seen", ARGV[2])
return redis.call("HDEL", KEYS[1] .. ":consumers", ARGV[2])

-- Notes that a consumer lives, and how it does; deletes some of those that no longer do.
--
-- Keys: 1 the registry's base.
-- Args: 1 now (epoch ms; "": the server's), 2 the consumer's name, 3 what it says of itself (JSON).
-- Replies: 1.
-- Complexity: O(log n); deletes at most 100 lapsed consumers.
local call = redis.call
--@include now.lua
--@include registry.lua
call("HSET", consumers, ARGV[2], ARGV[3]) -- the first write: refused as a whole when memory is full
call("ZADD", seen, now, ARGV[2])
forgetLapsed(100)
return 1

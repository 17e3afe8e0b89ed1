-- put(key, fields): HSET, and rank(key, entries): ZADD, that leave no long listpack behind. Small hashes and sorted sets
-- of short values are listpacks, which are searched from their start for each field: with 100 leases that is 1.3 us a
-- job. One field that is too long for a listpack, added and taken out again when a key grows beyond 16 entries, turns it
-- into a table for as long as it lives.
local small, unwieldy = 16, string.rep("-", 65)
local function put(key, fields)
  local before = call("HLEN", key)
  local grows = before <= small and before + #fields / 2 > small
  if grows then call("HSET", key, unwieldy, "") end
  call("HSET", key, unpack(fields))
  if grows then call("HDEL", key, unwieldy) end
end

local function rank(key, entries)
  local before = call("ZCARD", key)
  local grows = before <= small and before + #entries / 2 > small
  if grows then call("ZADD", key, 0, unwieldy) end
  call("ZADD", key, unpack(entries))
  if grows then call("ZREM", key, unwieldy) end
end

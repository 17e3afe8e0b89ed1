-- The keys of the registry, all made from KEYS[1], its base: "{<prefix>:registry}". Keys.ts lists the same names.
-- forgetLapsed(limit): deletes up to `limit` (at most 1,000) consumers of which nothing was heard for a minute.
local seen, consumers = KEYS[1] .. ":seen", KEYS[1] .. ":consumers"
local liveMs = 60000
local function forgetLapsed(limit)
  local names = call("ZRANGE", seen, "-inf", now - liveMs, "BYSCORE", "LIMIT", 0, limit)
  if #names == 0 then return end
  call("ZREM", seen, unpack(names))
  call("HDEL", consumers, unpack(names))
end

-- One page of the consumers that were heard of within a minute, the longest silent first; deletes some of the others.
-- Who beats meanwhile moves to the end: it may come twice, and is never left out.
--
-- Keys: 1 the registry's base.
-- Args: 1 now (epoch ms; "": the server's), 2 and 3 when the last one of the page before was heard of, and its name (""
--   both: the first page).
-- Replies: { 1 if there are more, then for each: name, when it was heard of (epoch ms), what it said of itself (JSON) }.
-- Complexity: O(log n + page); a page has at most 500 consumers, and at most 1,000 lapsed ones are deleted.
local call = redis.call
--@include now.lua
--@include registry.lua
--@include rank.lua
local size = 500
forgetLapsed(1000)
local first = call("ZCOUNT", seen, "-inf", now - liveMs)
if ARGV[2] ~= "" then first = math.max(first, rankAfter(seen, ARGV[2], ARGV[3])) end
local page = call("ZRANGE", seen, first, first + size - 1, "WITHSCORES")
if #page == 0 then return { 0 } end
local names, reply = {}, { call("ZCARD", seen) > first + size and 1 or 0 }
for i = 1, #page / 2 do names[i] = page[2 * i - 1] end
local texts = call("HMGET", consumers, unpack(names))
for i, name in ipairs(names) do
  reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = name, page[2 * i], texts[i]
end
return reply

-- enter(ids): makes jobs that have left their set available, at the back of their priority, in the given order.
-- Order score: (100 - priority) * 2^45 + sequence; whole numbers below 2^53. At most 1,000 ids.
--@include plain.lua
local band = 35184372088832
local function enter(ids)
  local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
  local own = has(priorities) and call("HMGET", priorities, unpack(ids))
  local scores = {}
  for i, id in ipairs(ids) do
    local priority = own and tonumber(own[i]) or 0
    scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
    scores[2 * i] = id
  end
  call("ZADD", available, unpack(scores))
end

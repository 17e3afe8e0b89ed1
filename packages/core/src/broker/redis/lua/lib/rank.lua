-- rankAfter(set, score, member): the rank of the first entry that comes after that place in the set's order, whether or
-- not that member is still there: a binary search among those with the same score, comparing bytes as Redis does (Lua's
-- own comparison follows the server's locale).
local function isAfter(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x > y end
  end
  return #a > #b
end

local function rankAfter(set, score, member)
  local low = call("ZCOUNT", set, "-inf", "(" .. score)
  local high = call("ZCOUNT", set, "-inf", score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isAfter(call("ZRANGE", set, middle, middle)[1], member) then high = middle else low = middle + 1 end
  end
  return low
end

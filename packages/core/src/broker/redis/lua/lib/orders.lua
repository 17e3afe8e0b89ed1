-- orders(n): the order scores of the first `n` available jobs, as texts. Redis prints a score in 0.3 us, so where the
-- first and the last one show that there is no gap, the others are counted up instead.
local function orders(n)
  local first = tonumber(call("ZRANGE", available, 0, 0, "WITHSCORES")[2])
  local last = tonumber(call("ZRANGE", available, n - 1, n - 1, "WITHSCORES")[2])
  local scores = {}
  if last - first == n - 1 then
    for i = 1, n do scores[i] = format("%d", first + i - 1) end
  else
    local head = call("ZRANGE", available, 0, n - 1, "WITHSCORES")
    for i = 1, n do scores[i] = head[2 * i] end
  end
  return scores
end

-- The time in epoch milliseconds: ARGV[1] when the caller brings its own clock, else the server's. Scores, leases and
-- due times are whole milliseconds; `beyond` is the part of one that has passed on top of `now`.
local now, beyond = tonumber(ARGV[1]), 0
if not now then
  local time = call("TIME")
  now = time[1] * 1000 + math.floor(time[2] / 1000)
  beyond = time[2] % 1000 / 1000
end

-- The time in epoch milliseconds: ARGV[1] when the caller brings its own clock, else the server's.
local now = tonumber(ARGV[1])
if not now then
  local time = call("TIME")
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

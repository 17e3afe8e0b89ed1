-- Most partitions have jobs with a record and nothing else, so the keys for everything else are looked for at once.
-- has(key): whether one of these keys is there. Whoever writes one of them and goes on says so: isPlain = false.
-- isBare: moreover no job waits for its time, and no consumer for work. Whoever writes one of their keys says so, too.
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
  return not isPlain and call("EXISTS", key) == 1
end

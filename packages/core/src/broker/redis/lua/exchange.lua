-- One round of a consumer: settles outcomes, promotes what is due, claims, registers for a wake-up.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), 2 lane (unique in the partition, no white space), 3 sequence, 4 consumer,
--   5 how many to claim (0 to 1,000), 6 lease (ms), 7 the consumer's channel, 8 "1": wake me when work arrives,
--   9 the cap of kept completed jobs, 10... groups of outcomes (lib/settle.lua), at most 1,000 in all.
-- Replies: { how many outcomes there were, the positions (1...) of those whose lease was lost, joined by spaces, ms until the next job is due (with three decimals, in a text; -1: none), 1 if paused,
--   ids joined by newlines, "attempt handedBack" of each joined by spaces ("": all "1 0"), { the records }, when these
--   attempts began (epoch ms) }.
--   The lease token of all claimed jobs is "<lane>.<sequence>". The last sequence of a lane again: the same answers, and
--   those of the same jobs that are still held; a lower one: -1 outcomes (all lost), no jobs. Neither changes anything.
-- Complexity: O((settled + claimed + promoted) * log n); promotes at most max(claim, 100) jobs.
--@include keys.lua
-- A function looks for each local of the script that it uses among all of them, when it is made, but not for those of the
-- functions around it: within one, the forty functions below are made in 6 us in place of 8.
local function exchange()
  --@include now.lua
  --@include promote.lua
  --@include wake.lua
  --@include settle.lua
  --@include trim.lua
  --@include claim.lua
  --@include again.lua
  --@include noted.lua
  local lane, sequence, consumer, want = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
  local last = call("HGET", calls, lane)
  local before = last and tonumber(string.match(last, "^%d+"))
  if before and sequence <= before then return again(last, sequence == before) end

  local settings = call("HMGET", meta, "paused", "largest", "recording")
  recording = settings[3]
  --@include events.lua
  local at, offset, lost, completions = 10, 0, {}, 0
  while ARGV[at] do
    local isCompletion = string.lower(ARGV[at]) == "c"
    local next, count, applied = settle(at, offset, lost)
    at, offset = next, offset + count
    if isCompletion then completions = completions + applied end
  end
  trim(tonumber(ARGV[9]), completions)
  local due = nextDue()
  if due and due <= now then
    promoteDue(math.min(math.max(want, 100), 1000))
    due = nextDue()
  end

  local isPaused, ids, texts, numbers = settings[1] and 1 or 0, {}, {}, ""
  if want > 0 and isPaused == 0 then
    ids, texts, numbers = claim(math.min(want, 1000), lane .. "." .. ARGV[3], consumer, tonumber(ARGV[6]), settings[2])
  end
  local missed, claimed = table.concat(lost, " "), table.concat(ids, "\n")
  -- when memory is full and nothing was written so far, these two are refused; the answer holds all the same
  redis.pcall("HSET", calls, lane, ARGV[3] .. "|" .. format("%d", now) .. "|" .. offset .. "|" .. missed .. "|" .. claimed)
  -- who got all it asked for asks again when it has room; meanwhile no wake-up is spent on it
  if ARGV[8] ~= "1" or (want > 0 and #ids == want) then
    if not isBare and call("ZREM", idle, ARGV[7]) == 1 then call("ZREM", timers, ARGV[7]) end
  elseif #ids < want then
    isBare = false
    local isNew = redis.pcall("ZADD", idle, "NX", now, ARGV[7]) == 1
    if due then redis.pcall("ZADD", timers, due, ARGV[7]) elseif not isNew then call("ZREM", timers, ARGV[7]) end
  end
  -- whatever this consumer leaves, work or the next due time, is another one's from now on
  if not isBare and call("EXISTS", idle) == 1 then
    if call("EXISTS", available) == 1 then wake(1) else arm(due) end
  end
  if tell then tell() end
  return { offset, missed, due and format("%.3f", math.max(0, due - now - beyond)) or -1, isPaused, claimed, numbers, texts, now }
end
return exchange()

-- Counts of one partition.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's).
-- Replies: { jobs in scheduled, blocked, available, running, retryable, completed, cancelled, dead; 1 if paused; ms the
--   first available job has waited (-1: none), ms until the next is due (-1: none); totals of enqueued, completed,
--   cancelled, dead, retried, rescued, pruned, removed }.
-- Complexity: O(log n).
--@include keys.lua
--@include now.lua
--@include promote.lua
local reply = {}
for i, state in ipairs({ "scheduled", "blocked", "available", "running", "retryable", "completed", "cancelled", "dead" }) do
  reply[i] = call("ZCARD", base .. ":" .. state)
end
local first, due = call("ZRANGE", available, 0, 0)[1], nextDue()
local since = first and tonumber(string.match(call("HGET", jobs, first), "^%d+"))
reply[9] = call("HEXISTS", meta, "paused")
reply[10] = since and math.max(0, now - since) or -1
reply[11] = due and math.max(0, due - now) or -1
local totals = { "enqueued", "completed", "cancelled", "dead", "retried", "rescued", "pruned", "removed" }
for i, count in ipairs(call("HMGET", meta, unpack(totals))) do reply[11 + i] = tonumber(count) or 0 end
return reply

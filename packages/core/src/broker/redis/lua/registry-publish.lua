-- Replaces what is known of tasks, each only if it is still what the caller has read: merging is the caller's.
--
-- Keys: 1 the hash of tasks.
-- Args: for each task: its name, what the caller has read ("": nothing), what to keep instead; at most 100 tasks.
-- Replies: for each task that was not replaced: its name, and what is known of it ("": nothing).
-- Complexity: O(tasks).
local others = {}
for i = 1, #ARGV, 3 do
  local stored = redis.call("HGET", KEYS[1], ARGV[i]) or ""
  if stored == ARGV[i + 1] then
    redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 2])
  else
    others[#others + 1], others[#others + 2] = ARGV[i], stored
  end
end
return others

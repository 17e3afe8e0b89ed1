-- Makes scheduled and retryable jobs available now, at the back.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), then the ids, at most 1,000.
-- Replies: for each: "done", "not-found", or the state that does not allow it.
-- Complexity: O(ids * log n).
--@include keys.lua
--@include state.lua
--@include now.lua
--@include enter.lua
--@include wake.lua
--@include recording.lua
local answers, count = {}, 0
for i = 2, #ARGV do
  local state = stateOf(ARGV[i])
  answers[i - 1] = state or "not-found"
  if state == "scheduled" or state == "retryable" then
    call("ZREM", base .. ":" .. state, ARGV[i])
    enter({ ARGV[i] })
    if note then note("promoted", { ARGV[i] }) end
    answers[i - 1], count = "done", count + 1
  end
end
wake(count)
if tell then tell() end
return answers

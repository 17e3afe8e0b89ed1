-- Deletes jobs in any state but running, with all that is known of them.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (epoch ms; "": the server's), then the ids, at most 1,000.
-- Replies: for each: "done", "not-found", or "running" (nothing changed).
-- Complexity: O(ids * log n).
--@include keys.lua
--@include state.lua
--@include now.lua
--@include erase.lua
--@include recording.lua
local answers, gone = {}, {}
for i = 2, #ARGV do
  local state = stateOf(ARGV[i])
  answers[i - 1] = state or "not-found"
  if state and state ~= "running" then
    call("ZREM", base .. ":" .. state, ARGV[i])
    answers[i - 1], gone[#gone + 1] = "done", ARGV[i]
  end
end
if #gone > 0 then erase(gone) end
if tell then tell() end
return answers

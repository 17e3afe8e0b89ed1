-- Looks whether a job has ended; if not, has this process told when it does.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (not used), 2 id, 3 the channel to tell.
-- Replies: {} there is no such job; { state, verdict ("": completed without an answer) } it has ended; { "" } it lives,
--   and the channel is registered (at most 100 channels for one job; beyond, the waiter has to look again itself).
-- Complexity: O(log n).
--@include keys.lua
--@include even-if-full.lua
--@include state.lua
--@include put.lua
local state = stateOf(ARGV[2])
if not state then return {} end
if state == "completed" or state == "cancelled" or state == "dead" then
  return { state, call("HGET", verdicts, ARGV[2]) or "" }
end
local channels = call("HGET", awaited, ARGV[2]) or ""
local _, others = string.gsub(channels, " ", "")
if others < 99 and not string.find(" " .. channels .. " ", " " .. ARGV[3] .. " ", 1, true) then
  put(awaited, { ARGV[2], channels == "" and ARGV[3] or channels .. " " .. ARGV[3] })
end
return { "" }

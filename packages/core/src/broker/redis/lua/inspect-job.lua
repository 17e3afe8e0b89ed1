-- One job by id.
--
-- Keys: 1 the partition's base.
-- Args: 1 now (not used), 2 id.
-- Replies: {} there is no such job, or what lib/view.lua answers.
-- Complexity: O(1).
--@include keys.lua
--@include state.lua
--@include view.lua
local state, score = stateOf(ARGV[2])
if not state then return {} end
return view(ARGV[2], state, format("%d", score))

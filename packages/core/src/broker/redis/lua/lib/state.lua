-- stateOf(id): the state of a job and its score in that state's set; nil: there is no such job.
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
  for _, state in ipairs(states) do
    local score = call("ZSCORE", base .. ":" .. state, id)
    if score then return state, tonumber(score) end
  end
  return nil
end

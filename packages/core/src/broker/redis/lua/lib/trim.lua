-- trim(keep, added): keeps `completed` within `keep` jobs: those that expire first are deleted and count as pruned. At
-- most `added` + 100 are looked at, so a call stays bounded and still catches up. Jobs whose verdict somebody waited for
-- stay for their minute, even beyond the cap.
local completed = base .. ":completed"
local function trim(keep, added)
  local excess = call("ZCARD", completed) - keep
  if excess <= 0 then return end
  local count = math.min(excess, added + 100)
  local ids = call("ZRANGE", completed, 0, count - 1)
  if has(awaited) then
    local marks, others = call("HMGET", awaited, unpack(ids)), {}
    for i, id in ipairs(ids) do
      local till = marks[i] and tonumber(string.sub(marks[i], 2)) or 0
      if till <= now then others[#others + 1] = id end
    end
    ids = others
    if #ids == 0 then return end
    call("ZREM", completed, unpack(ids))
  else
    call("ZREMRANGEBYRANK", completed, 0, count - 1)
  end
  forget(ids)
  call("HINCRBY", meta, "pruned", #ids)
end

-- Records events where `recording`, which the script has read from meta ("until numbering keep"), says that somebody wants
-- them now; else nothing is defined, and it costs nothing.
-- note(event, ids, attempts, tasks): it happened to each of `ids`; attempts and tasks: one for each of them, or nil.
-- tell(): adds what was noted to the stream, one entry for each event with all its jobs, and tells readers. An entry's id is
-- the numbering and the number of its last job. Comes last, and fails never: where memory is full, readers miss a number.
--@include noted.lua
if recording and tonumber(string.match(recording, "^%d+")) > now then
  local _, numbering, keep = string.match(recording, "^(%d+) (%d+) (%d+)$")
  local kinds = {}

  local function short(values)
    for i = 2, #values do
      if values[i] ~= values[1] then return table.concat(values, " ") end
    end
    return values[1] or ""
  end

  note = function(event, ids, attempts, tasks)
    local own = kinds[event] or { event = event, ids = {}, attempts = {}, tasks = {} }
    if not kinds[event] then kinds[event], kinds[#kinds + 1] = own, own end
    local n = #own.ids
    for i, id in ipairs(ids) do
      own.ids[n + i] = id
      if attempts then own.attempts[n + i] = attempts[i] end
      if tasks then own.tasks[n + i] = tasks[i] end
    end
  end

  tell = function()
    for _, own in ipairs(kinds) do
      local last = redis.pcall("HINCRBY", meta, "recorded", #own.ids)
      if type(last) ~= "number" then return end
      local oldest = numbering .. "-" .. format("%d", math.max(0, last - keep))
      redis.pcall("XADD", base .. ":events", "MINID", "~", oldest, numbering .. "-" .. format("%d", last), "e", own.event,
        "n", format("%d", now), "i", table.concat(own.ids, "\n"), "a", short(own.attempts), "t", short(own.tasks))
    end
    -- "{<prefix>:<queue>:<partition>}" has the channel <prefix>:events:<queue>:<partition>
    if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
  end
end

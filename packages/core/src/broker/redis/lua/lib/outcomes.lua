-- What each outcome does to jobs that have just left `running`: outcome(tag)(ids, leases, texts, ms).
-- c and C complete, x cancel, d die: final, kept for `ms`. r retry: retryable in `ms`. s snooze, h hand back: scheduled in
-- `ms`. b release: available at its old order. `texts`: verdicts (c, x, d), failures (r), reasons (h); for d, the
-- failures follow the verdicts ("": none). Absent attempts mean 1 for a completed job, 0 for any other.
-- failed(ids, leases, failures): counts and records failed attempts; comes before `r`, also where that does not follow.
--@include finish.lua
--@include ledger.lua
local function usedBy(ids, lease, back)
  local values = {}
  for i in ipairs(ids) do values[i] = format("%d", select(2, parseLease(lease[i])) - back) end
  return values
end

local function wait(set, ids, ms)
  local due, fields = fromNow(ms), {}
  isBare = false
  for i, id in ipairs(ids) do fields[2 * i - 1], fields[2 * i] = due, id end
  call("ZADD", set, unpack(fields))
end

local function failed(ids, lease, failures)
  used(ids, usedBy(ids, lease, 0))
  for i, id in ipairs(ids) do record(id, failures[i]) end
end

local function complete(ids, lease, texts, ms)
  if has(attempts) then
    local values = usedBy(ids, lease, 0)
    for i in ipairs(ids) do if values[i] == "1" then values[i] = "0" end end
    used(ids, values)
  end
  finish("completed", ids, texts, ms)
end

-- made only where one of them is needed
local function otherOutcomes()
  local outcomes = {}
  function outcomes.x(ids, lease, texts, ms)
    used(ids, usedBy(ids, lease, 0))
    finish("cancelled", ids, texts, ms)
  end
  function outcomes.d(ids, lease, texts, ms)
    used(ids, usedBy(ids, lease, 0))
    for i, id in ipairs(ids) do
      if texts[#ids + i] ~= "" then record(id, texts[#ids + i]) end
    end
    finish("dead", ids, texts, ms)
  end
  function outcomes.r(ids, _, _, ms)
    call("HINCRBY", meta, "retried", #ids)
    wait(retryable, ids, ms)
  end
  function outcomes.s(ids, lease, _, ms)
    used(ids, usedBy(ids, lease, 1))
    wait(scheduled, ids, ms)
  end
  function outcomes.b(ids, lease)
    local fields = {}
    for i, id in ipairs(ids) do fields[2 * i - 1], fields[2 * i] = select(4, parseLease(lease[i])), id end
    call("ZADD", available, unpack(fields))
  end
  function outcomes.h(ids, lease, texts, ms)
    local before, values = call("HMGET", attempts, unpack(ids)), usedBy(ids, lease, 1)
    for i in ipairs(ids) do
      local times = before[i] and string.match(before[i], "^%d+ (%d+)") or 0
      values[i] = format("%s %d %s", values[i], times + 1, texts[i])
    end
    used(ids, values)
    wait(scheduled, ids, ms)
  end
  return outcomes
end

local others
local function outcome(tag)
  if tag == "c" or tag == "C" then return complete end
  others = others or otherOutcomes()
  return others[tag]
end

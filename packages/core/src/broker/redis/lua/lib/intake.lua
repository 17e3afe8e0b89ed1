-- What `enqueue` is asked (see its Args) and knows; admit(i, id), which lays the i-th job out for writing; and
-- mark(answers), which notes who is awaited, whether new or not. noteCreated(answers) notes events of the new ones.
--@include noted.lua
local n, after = tonumber(ARGV[3]), 6 + 2 * tonumber(ARGV[3])
local function list(letter)
  if not string.find(ARGV[4], letter, 1, true) then return nil end
  after = after + n
  return after - n
end
local priorityAt, dueAt, markAt = list("p"), list("d"), list("a")

local limit, live = tonumber(ARGV[2]), 0
if limit then
  for _, set in ipairs({ scheduled, blocked, available, running, retryable }) do live = live + call("ZCARD", set) end
end
local known = string.find(ARGV[4], "n", 1, true) and {} or call("HMGET", jobs, unpack(ARGV, 7, 6 + n))
local counters = call("HMGET", meta, "seq", "enqueued", "largest", "recording")
local order, enqueued, largest = tonumber(counters[1]) or 0, tonumber(counters[2]) or 0, tonumber(counters[3]) or 0
local stamp, seen = format("%d", now) .. " ", {}
local fields, f, orders, o, later, own = {}, 0, {}, 0, {}, {}

local function dueOf(i)
  local due = tonumber(ARGV[dueAt + i])
  return due < 0 and -due or now + due
end

local function admit(i, id)
  local text = stamp .. ARGV[6 + n + i]
  fields[f + 1], fields[f + 2], f, seen[id], live = id, text, f + 2, true, live + 1
  if #text > largest then largest = #text end
  local priority = priorityAt and tonumber(ARGV[priorityAt + i]) or 0
  if priority ~= 0 then own[#own + 1], own[#own + 2] = id, priority end
  local due = dueAt and dueOf(i) or now
  if due > now then
    later[#later + 1], later[#later + 2] = due, id
  else
    order = order + 1
    orders[o + 1], orders[o + 2], o = format("%d", (100 - priority) * band + order), id, o + 2
  end
end

local function mark(answers)
  for i = 1, n do
    local id = ARGV[6 + i]
    if ARGV[markAt + i] == "1" and answers[i] ~= "f" and call("HEXISTS", awaited, id) == 0 then
      put(awaited, { id, "" })
    end
  end
end

recording = counters[4]
--@include events.lua
local function noteCreated(answers)
  local ids, tasks = {}, {}
  for i = 1, n do
    if answers[i] == "c" then
      ids[#ids + 1], tasks[#ids + 1] = ARGV[6 + i], string.match(ARGV[6 + n + i], "\n(%S+)")
    end
  end
  note("enqueued", ids, nil, tasks)
  tell()
end

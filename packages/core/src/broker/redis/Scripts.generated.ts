/**
 * The Lua scripts of lua/*.lua: includes in place, comments stripped, each with the SHA-1 that EVALSHA wants.
 * Written by scripts/generate-lua.ts. Change the .lua files and run `npm run generate`; never change this file.
 */

/** Every script by its name in camel case. */
export const scripts = {
  await: {
    name: "await",
    sha1: "c8358da7751c596b13195570846ef1d6203200b4",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
call("HDEL", meta, "")
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
for _, state in ipairs(states) do
local score = call("ZSCORE", base .. ":" .. state, id)
if score then return state, tonumber(score) end
end
return nil
end
local unwieldy = "-----------------------------------------------------------------"
local function outgrows(before, count)
return before <= 16 and before + count > 16
end
local function put(key, fields)
local grows = outgrows(call("HLEN", key), #fields / 2)
if grows then call("HSET", key, unwieldy, "") end
call("HSET", key, unpack(fields))
if grows then call("HDEL", key, unwieldy) end
end
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
`
  },
  cancel: {
    name: "cancel",
    sha1: "021a2abc4d3172479a2c161327804a5ca5979a0a",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
call("HDEL", meta, "")
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
for _, state in ipairs(states) do
local score = call("ZSCORE", base .. ":" .. state, id)
if score then return state, tonumber(score) end
end
return nil
end
local function held(ids, tokens, count)
local found = call("HMGET", leases, unpack(ARGV, ids + 1, ids + count))
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
local deadlines = earliest and earliest <= now and call("ZMSCORE", running, unpack(ARGV, ids + 1, ids + count))
local mark = type(tokens) == "string" and tokens .. " "
local list, mine, places, n = {}, {}, {}, 0
for i = 1, count do
local lease = found[i]
if lease and string.find(lease, mark or ARGV[tokens + i] .. " ", 1, true) == 1
and not (deadlines and tonumber(deadlines[i]) <= now) then
n = n + 1
list[n], mine[n], places[n] = ARGV[ids + i], lease, i
end
end
return list, mine, places
end
local function parseLease(lease)
return string.match(lease, "^(%S+) (%d+) (%d+) (%d+) (.*)$")
end
local unwieldy = "-----------------------------------------------------------------"
local function outgrows(before, count)
return before <= 16 and before + count > 16
end
local function put(key, fields)
local grows = outgrows(call("HLEN", key), #fields / 2)
if grows then call("HSET", key, unwieldy, "") end
call("HSET", key, unpack(fields))
if grows then call("HDEL", key, unwieldy) end
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local function forget(ids)
call("HDEL", jobs, unpack(ids))
if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
for _, key in ipairs(isPlain and {} or extras) do
if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
end
end
local function fromNow(ms)
return format("%d", now + math.min(ms, 1e15))
end
local function headOf(record)
local numbers = {}
for number in string.gmatch(string.match(record, "^[^\\n]*"), "%S+") do numbers[#numbers + 1] = tonumber(number) end
return unpack(numbers)
end
local function announce(channels, id)
if string.sub(channels, 1, 1) == "=" then return end
for channel in string.gmatch(channels, "%S+") do call("PUBLISH", channel, base .. " " .. id) end
end
local function finish(state, ids, texts, keepMs)
call("HINCRBY", meta, state, #ids)
local waiting = has(awaited) and call("HMGET", awaited, unpack(ids))
local expires, minute = fromNow(keepMs), fromNow(60000)
local ends, e, kept, k, marks, gone = {}, 0, {}, 0, {}, {}
for i, id in ipairs(ids) do
local channels = waiting and waiting[i]
if channels then
announce(channels, id)
marks[#marks + 1], marks[#marks + 2] = id, "=" .. minute
end
if channels or keepMs > 0 then
ends[e + 1], ends[e + 2], e = channels and keepMs < 60000 and minute or expires, id, e + 2
local text = texts[i]
if text and text ~= "" then kept[k + 1], kept[k + 2], k = id, text, k + 2 end
else
gone[#gone + 1] = id
end
end
if e > 0 then call("ZADD", base .. ":" .. state, unpack(ends)) end
if #marks > 0 then call("HSET", awaited, unpack(marks)) end
if k > 0 then put(verdicts, kept) end
if #gone > 0 then
forget(gone)
call("HINCRBY", meta, "pruned", #gone)
end
end
local function record(id, failure)
isPlain = false
local text = call("HGET", ledger, id)
if not text then return put(ledger, { id, failure }) end
local _, breaks = string.gsub(text, "\\n", "")
if breaks >= 19 then text = string.match(text, "^[^\\n]*\\n(.*)$") end
call("HSET", ledger, id, text .. "\\n" .. failure)
end
local function used(ids, values)
local fields, none = {}, {}
isPlain = false
for i, id in ipairs(ids) do
if values[i] == "0" then none[#none + 1] = id
else fields[#fields + 1], fields[#fields + 2] = id, values[i] end
end
if #fields > 0 then put(attempts, fields) end
if #none > 0 then call("HDEL", attempts, unpack(none)) end
end
local function notHandedBack(id)
local value = call("HGET", attempts, id)
if value then used({ id }, { string.match(value, "^%d+") }) end
end
local note, tell, recording
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local answers, read = {}, 0
local function cancel(id)
local state = stateOf(id)
if not state then return "not-found" end
if state == "completed" or state == "cancelled" or state == "dead" then return state end
if state == "running" then
call("HSETNX", cancels, id, ARGV[2])
local consumer = select(5, parseLease(call("HGET", leases, id)))
call("PUBLISH", ARGV[3] .. consumer, "c" .. base)
return "requested"
end
local record = call("HGET", jobs, id)
read = read + #record
call("ZREM", base .. ":" .. state, id)
notHandedBack(id)
finish("cancelled", { id }, { ARGV[2] }, (select(5, headOf(record))))
if note then note("cancelled", { id }) end
return "done"
end
for i = 4, #ARGV do
if read > 4194304 then break end
answers[#answers + 1] = cancel(ARGV[i])
end
if tell then tell() end
return answers
`
  },
  drain: {
    name: "drain",
    sha1: "faa033e0418ad890d0b1e4fd749609e3e31b06ba",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local function forget(ids)
call("HDEL", jobs, unpack(ids))
if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
for _, key in ipairs(isPlain and {} or extras) do
if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
end
end
local function announce(channels, id)
if string.sub(channels, 1, 1) == "=" then return end
for channel in string.gmatch(channels, "%S+") do call("PUBLISH", channel, base .. " " .. id) end
end
local note, tell, recording
local function erase(ids)
if has(awaited) then
for i, channels in ipairs(call("HMGET", awaited, unpack(ids))) do
if channels then announce(channels, ids[i]) end
end
end
forget(ids)
call("HINCRBY", meta, "removed", #ids)
if note then note("removed", ids) end
end
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local left = tonumber(ARGV[2])
local sets = { available, retryable, scheduled, blocked }
for _, set in ipairs(sets) do
local ids = left > 0 and call("ZRANGE", set, 0, left - 1) or {}
if #ids > 0 then
call("ZREMRANGEBYRANK", set, 0, #ids - 1)
erase(ids)
left = left - #ids
end
end
if tell then tell() end
return { tonumber(ARGV[2]) - left, call("EXISTS", unpack(sets)) > 0 and 1 or 0 }
`
  },
  enqueue: {
    name: "enqueue",
    sha1: "68cc1b662be30b6338ba53d2b89dcc7fb365f19a",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local lane, sequence, last = ARGV[5], ARGV[6], call("HGET", calls, ARGV[5])
local before = last and tonumber(string.match(last, "^%d+"))
if before == tonumber(sequence) then return string.match(last, "[a-z]*$") end
if before and before > tonumber(sequence) then return redis.error_reply("ERR overtaken by a later enqueue") end
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local note, tell, recording
local function nextDue()
if isBare then return nil end
local retry = tonumber(call("ZRANGE", retryable, 0, 0, "WITHSCORES")[2])
local other = tonumber(call("ZRANGE", scheduled, 0, 0, "WITHSCORES")[2])
return retry and other and math.min(retry, other) or retry or other
end
local function promoteDue(limit)
local retry = call("ZRANGE", retryable, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local other = call("ZRANGE", scheduled, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local a, b, ids = 1, 1, {}
while #ids < limit and (retry[a] or other[b]) do
if retry[a] and (not other[b] or tonumber(retry[a + 1]) <= tonumber(other[b + 1])) then
ids[#ids + 1], a = retry[a], a + 2
else
ids[#ids + 1], b = other[b], b + 2
end
end
if #ids == 0 then return 0 end
call("ZREM", retryable, unpack(ids))
call("ZREM", scheduled, unpack(ids))
enter(ids)
if note then note("promoted", ids) end
return #ids
end
local unwieldy = "-----------------------------------------------------------------"
local function outgrows(before, count)
return before <= 16 and before + count > 16
end
local function put(key, fields)
local grows = outgrows(call("HLEN", key), #fields / 2)
if grows then call("HSET", key, unwieldy, "") end
call("HSET", key, unpack(fields))
if grows then call("HDEL", key, unwieldy) end
end
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local function noteCreated(answers)
local ids, tasks = {}, {}
for i = 1, n do
if answers[i] == "c" then
ids[#ids + 1], tasks[#ids + 1] = ARGV[6 + i], string.match(ARGV[6 + n + i], "\\n(%S+)")
end
end
note("enqueued", ids, nil, tasks)
tell()
end
local answers, isMixed = {}, false
for i = 1, n do
local id = ARGV[6 + i]
if known[i] or seen[id] then answers[i], isMixed = "e", true
elseif limit and live >= limit then answers[i], isMixed = "f", true
else
answers[i] = "c"
admit(i, id)
end
end
if f > 0 then
isBare = isBare and #later == 0
call("HSET", jobs, unpack(fields))
if o > 0 then call("ZADD", available, unpack(orders)) end
if #later > 0 then call("ZADD", scheduled, unpack(later)) end
if #own > 0 then put(priorities, own) end
call("HSET", meta, "seq", order, "enqueued", enqueued + f / 2, "largest", largest)
wake(o / 2)
if #later > 0 then arm(nextDue()) end
if note then noteCreated(answers) end
end
if markAt then mark(answers) end
local answer = isMixed and table.concat(answers) or ""
redis.pcall("HSET", calls, lane, sequence .. "|" .. format("%d", now) .. "|" .. answer)
return answer
`
  },
  eventsRecord: {
    name: "events-record",
    sha1: "a2067b3f83182ff67476c9c573127a59889fa2ef",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local before = call("HMGET", meta, "recording", "recorded")
local untilMs, epoch = string.match(before[1] or "", "^(%d+) (%d+)")
local number = tonumber(before[2]) or 0
if not untilMs or tonumber(untilMs) <= now then number = call("HINCRBY", meta, "recorded", 1) end
local wanted = ARGV[2] == "" and 9007199254740991 or now + ARGV[2]
local till = format("%d", math.max(tonumber(untilMs) or 0, wanted))
epoch = epoch or format("%d", now)
call("HSET", meta, "recording", till .. " " .. epoch .. " " .. ARGV[3])
return { tonumber(epoch), number, now }
`
  },
  exchange: {
    name: "exchange",
    sha1: "4acc1e7d9b2c8aa2ba82baeda1c23abcbfd07ecb",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local function exchange()
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local note, tell, recording
local function nextDue()
if isBare then return nil end
local retry = tonumber(call("ZRANGE", retryable, 0, 0, "WITHSCORES")[2])
local other = tonumber(call("ZRANGE", scheduled, 0, 0, "WITHSCORES")[2])
return retry and other and math.min(retry, other) or retry or other
end
local function promoteDue(limit)
local retry = call("ZRANGE", retryable, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local other = call("ZRANGE", scheduled, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local a, b, ids = 1, 1, {}
while #ids < limit and (retry[a] or other[b]) do
if retry[a] and (not other[b] or tonumber(retry[a + 1]) <= tonumber(other[b + 1])) then
ids[#ids + 1], a = retry[a], a + 2
else
ids[#ids + 1], b = other[b], b + 2
end
end
if #ids == 0 then return 0 end
call("ZREM", retryable, unpack(ids))
call("ZREM", scheduled, unpack(ids))
enter(ids)
if note then note("promoted", ids) end
return #ids
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
local function held(ids, tokens, count)
local found = call("HMGET", leases, unpack(ARGV, ids + 1, ids + count))
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
local deadlines = earliest and earliest <= now and call("ZMSCORE", running, unpack(ARGV, ids + 1, ids + count))
local mark = type(tokens) == "string" and tokens .. " "
local list, mine, places, n = {}, {}, {}, 0
for i = 1, count do
local lease = found[i]
if lease and string.find(lease, mark or ARGV[tokens + i] .. " ", 1, true) == 1
and not (deadlines and tonumber(deadlines[i]) <= now) then
n = n + 1
list[n], mine[n], places[n] = ARGV[ids + i], lease, i
end
end
return list, mine, places
end
local function parseLease(lease)
return string.match(lease, "^(%S+) (%d+) (%d+) (%d+) (.*)$")
end
local unwieldy = "-----------------------------------------------------------------"
local function outgrows(before, count)
return before <= 16 and before + count > 16
end
local function put(key, fields)
local grows = outgrows(call("HLEN", key), #fields / 2)
if grows then call("HSET", key, unwieldy, "") end
call("HSET", key, unpack(fields))
if grows then call("HDEL", key, unwieldy) end
end
local function forget(ids)
call("HDEL", jobs, unpack(ids))
if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
for _, key in ipairs(isPlain and {} or extras) do
if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
end
end
local function fromNow(ms)
return format("%d", now + math.min(ms, 1e15))
end
local function headOf(record)
local numbers = {}
for number in string.gmatch(string.match(record, "^[^\\n]*"), "%S+") do numbers[#numbers + 1] = tonumber(number) end
return unpack(numbers)
end
local function announce(channels, id)
if string.sub(channels, 1, 1) == "=" then return end
for channel in string.gmatch(channels, "%S+") do call("PUBLISH", channel, base .. " " .. id) end
end
local function finish(state, ids, texts, keepMs)
call("HINCRBY", meta, state, #ids)
local waiting = has(awaited) and call("HMGET", awaited, unpack(ids))
local expires, minute = fromNow(keepMs), fromNow(60000)
local ends, e, kept, k, marks, gone = {}, 0, {}, 0, {}, {}
for i, id in ipairs(ids) do
local channels = waiting and waiting[i]
if channels then
announce(channels, id)
marks[#marks + 1], marks[#marks + 2] = id, "=" .. minute
end
if channels or keepMs > 0 then
ends[e + 1], ends[e + 2], e = channels and keepMs < 60000 and minute or expires, id, e + 2
local text = texts[i]
if text and text ~= "" then kept[k + 1], kept[k + 2], k = id, text, k + 2 end
else
gone[#gone + 1] = id
end
end
if e > 0 then call("ZADD", base .. ":" .. state, unpack(ends)) end
if #marks > 0 then call("HSET", awaited, unpack(marks)) end
if k > 0 then put(verdicts, kept) end
if #gone > 0 then
forget(gone)
call("HINCRBY", meta, "pruned", #gone)
end
end
local function record(id, failure)
isPlain = false
local text = call("HGET", ledger, id)
if not text then return put(ledger, { id, failure }) end
local _, breaks = string.gsub(text, "\\n", "")
if breaks >= 19 then text = string.match(text, "^[^\\n]*\\n(.*)$") end
call("HSET", ledger, id, text .. "\\n" .. failure)
end
local function used(ids, values)
local fields, none = {}, {}
isPlain = false
for i, id in ipairs(ids) do
if values[i] == "0" then none[#none + 1] = id
else fields[#fields + 1], fields[#fields + 2] = id, values[i] end
end
if #fields > 0 then put(attempts, fields) end
if #none > 0 then call("HDEL", attempts, unpack(none)) end
end
local function notHandedBack(id)
local value = call("HGET", attempts, id)
if value then used({ id }, { string.match(value, "^%d+") }) end
end
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
local textsOf = { c = 1, C = 0, x = 1, d = 2, r = 1, s = 0, b = 0, h = 1 }
local function noteSettled(tag, ids, lease)
local events = { c = "completed", C = "completed", x = "cancelled", d = "dead", r = "retrying", s = "snoozed",
b = "released", h = "handed-back" }
note(events[tag], ids, usedBy(ids, lease, 0))
end
local function once(ids, lease, places)
local seen, list, mine, own = {}, {}, {}, {}
for i, id in ipairs(ids) do
if not seen[id] then
list[#list + 1], mine[#list + 1], own[#list + 1], seen[id] = id, lease[i], places[i], true
end
end
return list, mine, own
end
local function cancelInstead(id, wish, lease)
notHandedBack(id)
if note then note("cancelled", { id }, usedBy({ id }, { lease }, 0)) end
finish("cancelled", { id }, { wish }, (select(5, headOf(call("HGET", jobs, id)))))
end
local function unwished(tag, ids, lease, texts)
local wishes = call("HMGET", cancels, unpack(ids))
call("HDEL", cancels, unpack(ids))
if not string.find("rsbh", tag, 1, true) then return ids, lease, texts end
local others, theirs, left = {}, {}, {}
for i, id in ipairs(ids) do
if wishes[i] then cancelInstead(id, wishes[i], lease[i])
else others[#others + 1], theirs[#others + 1], left[#others + 1] = id, lease[i], texts[i] end
end
return others, theirs, left
end
local function textsFor(places, from, count, number)
local texts, n = {}, #places
for i = 1, number > 0 and n or 0 do
texts[i] = ARGV[from + places[i]]
if number > 1 then texts[n + i] = ARGV[from + count + places[i]] end
end
return texts
end
local function noteLost(places, count, offset, lost)
local isHeld = {}
for _, i in ipairs(places) do isHeld[i] = true end
for i = 1, count do if not isHeld[i] then lost[#lost + 1] = offset + i end end
end
local function settle(at, offset, lost)
local tag, ms, count, token = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3]
local first, number = at + 3, textsOf[tag]
local from = first + count + (token == "" and count or 0)
local ids, lease, places = held(first, token ~= "" and token or first + count, count)
if #ids > 0 then
call("ZREM", running, unpack(ids))
if call("HDEL", leases, unpack(ids)) < #ids then ids, lease, places = once(ids, lease, places) end
local texts = textsFor(places, from, count, number)
if tag == "r" then failed(ids, lease, texts) end
if has(cancels) then ids, lease, texts = unwished(tag, ids, lease, texts) end
if note and #ids > 0 then noteSettled(tag, ids, lease) end
if #ids > 0 then outcome(tag)(ids, lease, texts, ms) end
end
if #places < count then noteLost(places, count, offset, lost) end
return from + count * number + 1, count, #places
end
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
local budget = 4194304
local function payloadBytes(record)
local first = string.find(record, "\\n", 1, true)
return #record - string.find(record, "\\n", first + 1, true)
end
local function records(ids, largest)
local step = math.floor(budget / (tonumber(largest) or 1))
step = math.max(1, math.min(step, #ids))
if step == #ids then return call("HMGET", jobs, unpack(ids)) end
local all, n, bytes = {}, 0, 0
for from = 1, #ids, step do
for _, record in ipairs(call("HMGET", jobs, unpack(ids, from, math.min(from + step - 1, #ids)))) do
bytes = bytes + payloadBytes(record)
if n > 0 and bytes > budget then return all end
n = n + 1
all[n] = record
end
end
return all
end
local function orders(n)
local first = tonumber(call("ZRANGE", available, 0, 0, "WITHSCORES")[2])
local last = tonumber(call("ZRANGE", available, n - 1, n - 1, "WITHSCORES")[2])
local scores = {}
if last - first == n - 1 then
for i = 1, n do scores[i] = format("%d", first + i - 1) end
else
local head = call("ZRANGE", available, 0, n - 1, "WITHSCORES")
for i = 1, n do scores[i] = head[2 * i] end
end
return scores
end
local function numbers(ids)
local known = has(attempts) and call("HMGET", attempts, unpack(ids))
local attempt, told, isPlain = {}, {}, true
for i in ipairs(known and ids or {}) do
local done, times = string.match(known[i] or "0", "^(%d+) ?(%d*)")
attempt[i] = format("%d", done + 1)
told[i] = attempt[i] .. " " .. (times == "" and "0" or times)
if known[i] then isPlain = false end
end
return attempt, isPlain and "" or table.concat(told, " ")
end
local function noteClaimed(ids, texts, attempt)
local first, tasks = {}, {}
for i, text in ipairs(texts) do first[i], tasks[i] = attempt[i] or "1", string.match(text, "\\n(%S+)") end
note("claimed", ids, first, tasks)
end
local function head(limit)
if limit > 1 then return call("ZRANGE", available, 0, limit - 1) end
local popped = call("ZPOPMIN", available)
return { popped[1] }, { popped[2] }
end
local function claim(limit, token, consumer, leaseMs, largest)
local ids, order = head(limit)
if #ids == 0 then return ids, ids, "" end
local texts = records(ids, largest)
for i = #ids, #texts + 1, -1 do ids[i] = nil end
local attempt, told = numbers(ids)
order = order or orders(#ids)
local deadline, since, tail = fromNow(leaseMs), format(" %d ", now), " " .. consumer
local start, isFirst = token .. " 1" .. since, told == ""
local deadlines, lease = {}, {}
for i, id in ipairs(ids) do
deadlines[2 * i - 1], deadlines[2 * i], lease[2 * i - 1] = deadline, id, id
lease[2 * i] = (isFirst and start or token .. " " .. attempt[i] .. since) .. order[i] .. tail
end
if limit > 1 then call("ZREMRANGEBYRANK", available, 0, #ids - 1) end
local grows = outgrows(call("ZCARD", running), #ids)
if grows then
call("ZADD", running, 0, unwieldy)
call("HSET", leases, unwieldy, "")
end
call("ZADD", running, unpack(deadlines))
call("HSET", leases, unpack(lease))
if grows then
call("ZREM", running, unwieldy)
call("HDEL", leases, unwieldy)
end
if note then noteClaimed(ids, texts, attempt) end
return ids, texts, told
end
local function again(last, isSame)
local due, isPaused = nextDue(), call("HEXISTS", meta, "paused")
local untilDue = due and math.max(0, due - now) or -1
local count, missed, claimed = string.match(last, "^%d+|%d+|(%d+)|([%d ]*)|(.*)$")
if not isSame then return { -1, "", untilDue, isPaused, "", "", {}, now } end
local ids, told, mine, since = {}, {}, ARGV[2] .. "." .. ARGV[3], now
for id in string.gmatch(claimed, "[^\\n]+") do
local token, attempt, startedAt = parseLease(call("HGET", leases, id) or "")
if token == mine then
since = tonumber(startedAt)
local times = string.match(call("HGET", attempts, id) or "", "^%d+ (%d+)")
ids[#ids + 1], told[#told + 1] = id, attempt .. " " .. (times or "0")
end
end
local texts = #ids > 0 and call("HMGET", jobs, unpack(ids)) or {}
return { tonumber(count), missed, untilDue, isPaused, table.concat(ids, "\\n"), table.concat(told, " "), texts, since }
end
local lane, sequence, consumer, want = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local last = call("HGET", calls, lane)
local before = last and tonumber(string.match(last, "^%d+"))
if before and sequence <= before then return again(last, sequence == before) end
local settings = call("HMGET", meta, "paused", "largest", "recording")
recording = settings[3]
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local at, offset, lost, completions = 10, 0, {}, 0
while ARGV[at] do
local isCompletion = string.lower(ARGV[at]) == "c"
local next, count, applied = settle(at, offset, lost)
at, offset = next, offset + count
if isCompletion then completions = completions + applied end
end
trim(tonumber(ARGV[9]), completions)
local due = nextDue()
if due and due <= now then
promoteDue(math.min(math.max(want, 100), 1000))
due = nextDue()
end
local isPaused, ids, texts, numbers = settings[1] and 1 or 0, {}, {}, ""
if want > 0 and isPaused == 0 then
ids, texts, numbers = claim(math.min(want, 1000), lane .. "." .. ARGV[3], consumer, tonumber(ARGV[6]), settings[2])
end
local missed, claimed = table.concat(lost, " "), table.concat(ids, "\\n")
redis.pcall("HSET", calls, lane, ARGV[3] .. "|" .. format("%d", now) .. "|" .. offset .. "|" .. missed .. "|" .. claimed)
if ARGV[8] ~= "1" or (want > 0 and #ids == want) then
if not isBare and call("ZREM", idle, ARGV[7]) == 1 then call("ZREM", timers, ARGV[7]) end
elseif #ids < want then
isBare = false
local isNew = redis.pcall("ZADD", idle, "NX", now, ARGV[7]) == 1
if due then redis.pcall("ZADD", timers, due, ARGV[7]) elseif not isNew then call("ZREM", timers, ARGV[7]) end
end
if not isBare and call("EXISTS", idle) == 1 then
if call("EXISTS", available) == 1 then wake(1) else arm(due) end
end
if tell then tell() end
return { offset, missed, due and format("%.3f", math.max(0, due - now - beyond)) or -1, isPaused, claimed, numbers, texts, now }
end
return exchange()
`
  },
  extend: {
    name: "extend",
    sha1: "7b2531dac457ba66254e4ead3cb6aa2a72b9b568",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
call("HDEL", meta, "")
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local function held(ids, tokens, count)
local found = call("HMGET", leases, unpack(ARGV, ids + 1, ids + count))
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
local deadlines = earliest and earliest <= now and call("ZMSCORE", running, unpack(ARGV, ids + 1, ids + count))
local mark = type(tokens) == "string" and tokens .. " "
local list, mine, places, n = {}, {}, {}, 0
for i = 1, count do
local lease = found[i]
if lease and string.find(lease, mark or ARGV[tokens + i] .. " ", 1, true) == 1
and not (deadlines and tonumber(deadlines[i]) <= now) then
n = n + 1
list[n], mine[n], places[n] = ARGV[ids + i], lease, i
end
end
return list, mine, places
end
local function parseLease(lease)
return string.match(lease, "^(%S+) (%d+) (%d+) (%d+) (.*)$")
end
local function fromNow(ms)
return format("%d", now + math.min(ms, 1e15))
end
local function headOf(record)
local numbers = {}
for number in string.gmatch(string.match(record, "^[^\\n]*"), "%S+") do numbers[#numbers + 1] = tonumber(number) end
return unpack(numbers)
end
local count = tonumber(ARGV[3])
local ids, _, places = held(3, 3 + count, count)
local deadline, deadlines = fromNow(tonumber(ARGV[2])), {}
for i, id in ipairs(ids) do deadlines[2 * i - 1], deadlines[2 * i] = deadline, id end
if #ids > 0 then call("ZADD", running, unpack(deadlines)) end
local isAnyWanted = call("EXISTS", cancels) == 1
if #ids == count and not isAnyWanted then return {} end
local answers = {}
for i = 1, count do answers[i] = "l" end
local wishes = isAnyWanted and #ids > 0 and call("HMGET", cancels, unpack(ids)) or {}
for n, i in ipairs(places) do answers[i] = wishes[n] or "" end
return answers
`
  },
  inspectJob: {
    name: "inspect-job",
    sha1: "a6453c45f2e70e67f0096f17aab99efa50b66c41",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
for _, state in ipairs(states) do
local score = call("ZSCORE", base .. ":" .. state, id)
if score then return state, tonumber(score) end
end
return nil
end
local function view(id, state, score)
local fields = { id, state, score, call("HGET", jobs, id) }
for i, key in ipairs({ leases, attempts, ledger, verdicts, cancels, progress }) do
fields[4 + i] = call("HGET", key, id) or ""
end
return fields
end
local state, score = stateOf(ARGV[2])
if not state then return {} end
return view(ARGV[2], state, format("%d", score))
`
  },
  inspectList: {
    name: "inspect-list",
    sha1: "dbd7608465eaadfed4e9c0f332f5c9eccc44c0c2",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local function view(id, state, score)
local fields = { id, state, score, call("HGET", jobs, id) }
for i, key in ipairs({ leases, attempts, ledger, verdicts, cancels, progress }) do
fields[4 + i] = call("HGET", key, id) or ""
end
return fields
end
local function isAfter(a, b)
for i = 1, math.min(#a, #b) do
local x, y = string.byte(a, i), string.byte(b, i)
if x ~= y then return x > y end
end
return #a > #b
end
local function rankAfter(set, score, member)
local low = call("ZCOUNT", set, "-inf", "(" .. score)
local high = call("ZCOUNT", set, "-inf", score)
while low < high do
local middle = math.floor((low + high) / 2)
if isAfter(call("ZRANGE", set, middle, middle)[1], member) then high = middle else low = middle + 1 end
end
return low
end
local set = base .. ":" .. ARGV[2]
local from = ARGV[4] == "" and 0 or rankAfter(set, ARGV[4], ARGV[5])
local limit = tonumber(ARGV[3])
local head = call("ZRANGE", set, from, from + limit, "WITHSCORES")
local reply, read = { #head > 2 * limit and 1 or 0 }, 0
for i = 1, math.min(#head, 2 * limit), 2 do
if read > 4194304 then
reply[1] = 1
break
end
local job = view(head[i], ARGV[2], head[i + 1])
read = read + #job[4]
reply[#reply + 1] = job
end
return reply
`
  },
  inspectStats: {
    name: "inspect-stats",
    sha1: "4369e22e213da9c8408995d843655ef8ba71f5ae",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local note, tell, recording
local function nextDue()
if isBare then return nil end
local retry = tonumber(call("ZRANGE", retryable, 0, 0, "WITHSCORES")[2])
local other = tonumber(call("ZRANGE", scheduled, 0, 0, "WITHSCORES")[2])
return retry and other and math.min(retry, other) or retry or other
end
local function promoteDue(limit)
local retry = call("ZRANGE", retryable, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local other = call("ZRANGE", scheduled, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local a, b, ids = 1, 1, {}
while #ids < limit and (retry[a] or other[b]) do
if retry[a] and (not other[b] or tonumber(retry[a + 1]) <= tonumber(other[b + 1])) then
ids[#ids + 1], a = retry[a], a + 2
else
ids[#ids + 1], b = other[b], b + 2
end
end
if #ids == 0 then return 0 end
call("ZREM", retryable, unpack(ids))
call("ZREM", scheduled, unpack(ids))
enter(ids)
if note then note("promoted", ids) end
return #ids
end
local reply = {}
for i, state in ipairs({ "scheduled", "blocked", "available", "running", "retryable", "completed", "cancelled", "dead" }) do
reply[i] = call("ZCARD", base .. ":" .. state)
end
local first, due = call("ZRANGE", available, 0, 0)[1], nextDue()
local since = first and tonumber(string.match(call("HGET", jobs, first), "^%d+"))
reply[9] = call("HEXISTS", meta, "paused")
reply[10] = since and math.max(0, now - since) or -1
reply[11] = due and math.max(0, due - now) or -1
local totals = { "enqueued", "completed", "cancelled", "dead", "retried", "rescued", "pruned", "removed" }
for i, count in ipairs(call("HMGET", meta, unpack(totals))) do reply[11 + i] = tonumber(count) or 0 end
return reply
`
  },
  open: {
    name: "open",
    sha1: "8f964428a01e384e2d0f331dfc3a6384d52ab591",
    lua: `redis.call("HSETNX", KEYS[1], ARGV[1], ARGV[2])
return tonumber(redis.call("HGET", KEYS[1], ARGV[1]))
`
  },
  pause: {
    name: "pause",
    sha1: "b8518f7808ef72232701380365fc17706d244fd1",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
call("HDEL", meta, "")
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
local note, tell, recording
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
if ARGV[2] == "1" then
local isNew = call("HSET", meta, "paused", "1") == 1
if note and isNew then note("paused", { "" }) end
else
local isNew = call("HDEL", meta, "paused") == 1
if note and isNew then note("resumed", { "" }) end
wake(10000)
end
if tell then tell() end
return 1
`
  },
  progress: {
    name: "progress",
    sha1: "5838c67ffd1db5d427b66b419d261a5fc5b394d2",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local function held(ids, tokens, count)
local found = call("HMGET", leases, unpack(ARGV, ids + 1, ids + count))
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
local deadlines = earliest and earliest <= now and call("ZMSCORE", running, unpack(ARGV, ids + 1, ids + count))
local mark = type(tokens) == "string" and tokens .. " "
local list, mine, places, n = {}, {}, {}, 0
for i = 1, count do
local lease = found[i]
if lease and string.find(lease, mark or ARGV[tokens + i] .. " ", 1, true) == 1
and not (deadlines and tonumber(deadlines[i]) <= now) then
n = n + 1
list[n], mine[n], places[n] = ARGV[ids + i], lease, i
end
end
return list, mine, places
end
local function parseLease(lease)
return string.match(lease, "^(%S+) (%d+) (%d+) (%d+) (.*)$")
end
local unwieldy = "-----------------------------------------------------------------"
local function outgrows(before, count)
return before <= 16 and before + count > 16
end
local function put(key, fields)
local grows = outgrows(call("HLEN", key), #fields / 2)
if grows then call("HSET", key, unwieldy, "") end
call("HSET", key, unpack(fields))
if grows then call("HDEL", key, unwieldy) end
end
local note, tell, recording
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local ids, lease = held(1, ARGV[3], 1)
if #ids == 0 then return 0 end
put(progress, { ARGV[2], ARGV[4] })
if note then
note("progressed", ids, { (select(2, parseLease(lease[1]))) })
tell()
end
return 1
`
  },
  promoteJobs: {
    name: "promote-jobs",
    sha1: "d599ddee20006d0f220d1a4202220015aa3cb0ec",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
for _, state in ipairs(states) do
local score = call("ZSCORE", base .. ":" .. state, id)
if score then return state, tonumber(score) end
end
return nil
end
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
local note, tell, recording
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
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
`
  },
  promote: {
    name: "promote",
    sha1: "e130f16c02186bedc040fe9f146633d0e357c669",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local note, tell, recording
local function nextDue()
if isBare then return nil end
local retry = tonumber(call("ZRANGE", retryable, 0, 0, "WITHSCORES")[2])
local other = tonumber(call("ZRANGE", scheduled, 0, 0, "WITHSCORES")[2])
return retry and other and math.min(retry, other) or retry or other
end
local function promoteDue(limit)
local retry = call("ZRANGE", retryable, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local other = call("ZRANGE", scheduled, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local a, b, ids = 1, 1, {}
while #ids < limit and (retry[a] or other[b]) do
if retry[a] and (not other[b] or tonumber(retry[a + 1]) <= tonumber(other[b + 1])) then
ids[#ids + 1], a = retry[a], a + 2
else
ids[#ids + 1], b = other[b], b + 2
end
end
if #ids == 0 then return 0 end
call("ZREM", retryable, unpack(ids))
call("ZREM", scheduled, unpack(ids))
enter(ids)
if note then note("promoted", ids) end
return #ids
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local count = promoteDue(tonumber(ARGV[2]))
if count > 0 then wake(count) end
if tell then tell() end
local due = nextDue()
return { count, due and due <= now and 1 or 0 }
`
  },
  prune: {
    name: "prune",
    sha1: "d05b85677445b56e81a86be09d733bd9d57bd113",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
call("HDEL", meta, "")
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local function forget(ids)
call("HDEL", jobs, unpack(ids))
if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
for _, key in ipairs(isPlain and {} or extras) do
if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
end
end
local left, more = tonumber(ARGV[2]), 0
for _, state in ipairs({ "completed", "cancelled", "dead" }) do
local set = base .. ":" .. state
local ids = left > 0 and call("ZRANGE", set, "-inf", now, "BYSCORE", "LIMIT", 0, left) or {}
if #ids > 0 then
call("ZREM", set, unpack(ids))
forget(ids)
call("HINCRBY", meta, "pruned", #ids)
left = left - #ids
end
if call("ZCOUNT", set, "-inf", now) > 0 then more = 1 end
end
local cursor = call("HGET", meta, "lanes") or "0"
local page = call("HSCAN", calls, cursor, "COUNT", 100)
for i = 1, #page[2], 2 do
local usedAt = tonumber(string.match(page[2][i + 1], "^%d+|(%d+)"))
if usedAt + 3600000 <= now then call("HDEL", calls, page[2][i]) end
end
if page[1] ~= cursor then call("HSET", meta, "lanes", page[1]) end
return { tonumber(ARGV[2]) - left, more }
`
  },
  registryBeat: {
    name: "registry-beat",
    sha1: "a93be24ebff84109e3cb01b843ac77b129800cb5",
    lua: `local call = redis.call
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local seen, consumers = KEYS[1] .. ":seen", KEYS[1] .. ":consumers"
local liveMs = 60000
local function forgetLapsed(limit)
local names = call("ZRANGE", seen, "-inf", now - liveMs, "BYSCORE", "LIMIT", 0, limit)
if #names == 0 then return end
call("ZREM", seen, unpack(names))
call("HDEL", consumers, unpack(names))
end
call("HSET", consumers, ARGV[2], ARGV[3])
call("ZADD", seen, now, ARGV[2])
forgetLapsed(100)
return 1
`
  },
  registryConsumers: {
    name: "registry-consumers",
    sha1: "41f8f2a80a4801e71d1f27a5dd5b1e7c352038c9",
    lua: `local call = redis.call
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local seen, consumers = KEYS[1] .. ":seen", KEYS[1] .. ":consumers"
local liveMs = 60000
local function forgetLapsed(limit)
local names = call("ZRANGE", seen, "-inf", now - liveMs, "BYSCORE", "LIMIT", 0, limit)
if #names == 0 then return end
call("ZREM", seen, unpack(names))
call("HDEL", consumers, unpack(names))
end
local function isAfter(a, b)
for i = 1, math.min(#a, #b) do
local x, y = string.byte(a, i), string.byte(b, i)
if x ~= y then return x > y end
end
return #a > #b
end
local function rankAfter(set, score, member)
local low = call("ZCOUNT", set, "-inf", "(" .. score)
local high = call("ZCOUNT", set, "-inf", score)
while low < high do
local middle = math.floor((low + high) / 2)
if isAfter(call("ZRANGE", set, middle, middle)[1], member) then high = middle else low = middle + 1 end
end
return low
end
local size = 500
forgetLapsed(1000)
local first = call("ZCOUNT", seen, "-inf", now - liveMs)
if ARGV[2] ~= "" then first = math.max(first, rankAfter(seen, ARGV[2], ARGV[3])) end
local page = call("ZRANGE", seen, first, first + size - 1, "WITHSCORES")
if #page == 0 then return { 0 } end
local names, reply = {}, { call("ZCARD", seen) > first + size and 1 or 0 }
for i = 1, #page / 2 do names[i] = page[2 * i - 1] end
local texts = call("HMGET", consumers, unpack(names))
for i, name in ipairs(names) do
reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = name, page[2 * i], texts[i]
end
return reply
`
  },
  registryLeave: {
    name: "registry-leave",
    sha1: "006d5052cffc3775385864d0dfc11390ef0f23be",
    lua: `redis.call("ZREM", KEYS[1] .. ":seen", ARGV[2])
return redis.call("HDEL", KEYS[1] .. ":consumers", ARGV[2])
`
  },
  registryPublish: {
    name: "registry-publish",
    sha1: "3a476493a671abac8b7f60bd654820debbf9e821",
    lua: `local others = {}
for i = 1, #ARGV, 3 do
local stored = redis.call("HGET", KEYS[1], ARGV[i]) or ""
if stored == ARGV[i + 1] then
redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 2])
else
others[#others + 1], others[#others + 2] = ARGV[i], stored
end
end
return others
`
  },
  remove: {
    name: "remove",
    sha1: "85f24d65c7ec7f45d2240857adb5891009f3139e",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
for _, state in ipairs(states) do
local score = call("ZSCORE", base .. ":" .. state, id)
if score then return state, tonumber(score) end
end
return nil
end
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local function forget(ids)
call("HDEL", jobs, unpack(ids))
if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
for _, key in ipairs(isPlain and {} or extras) do
if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
end
end
local function announce(channels, id)
if string.sub(channels, 1, 1) == "=" then return end
for channel in string.gmatch(channels, "%S+") do call("PUBLISH", channel, base .. " " .. id) end
end
local note, tell, recording
local function erase(ids)
if has(awaited) then
for i, channels in ipairs(call("HMGET", awaited, unpack(ids))) do
if channels then announce(channels, ids[i]) end
end
end
forget(ids)
call("HINCRBY", meta, "removed", #ids)
if note then note("removed", ids) end
end
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
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
`
  },
  rescue: {
    name: "rescue",
    sha1: "1f677b1258221298da22b065835e5fb9c9211def",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local function held(ids, tokens, count)
local found = call("HMGET", leases, unpack(ARGV, ids + 1, ids + count))
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
local deadlines = earliest and earliest <= now and call("ZMSCORE", running, unpack(ARGV, ids + 1, ids + count))
local mark = type(tokens) == "string" and tokens .. " "
local list, mine, places, n = {}, {}, {}, 0
for i = 1, count do
local lease = found[i]
if lease and string.find(lease, mark or ARGV[tokens + i] .. " ", 1, true) == 1
and not (deadlines and tonumber(deadlines[i]) <= now) then
n = n + 1
list[n], mine[n], places[n] = ARGV[ids + i], lease, i
end
end
return list, mine, places
end
local function parseLease(lease)
return string.match(lease, "^(%S+) (%d+) (%d+) (%d+) (.*)$")
end
local unwieldy = "-----------------------------------------------------------------"
local function outgrows(before, count)
return before <= 16 and before + count > 16
end
local function put(key, fields)
local grows = outgrows(call("HLEN", key), #fields / 2)
if grows then call("HSET", key, unwieldy, "") end
call("HSET", key, unpack(fields))
if grows then call("HDEL", key, unwieldy) end
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local function forget(ids)
call("HDEL", jobs, unpack(ids))
if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
for _, key in ipairs(isPlain and {} or extras) do
if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
end
end
local function fromNow(ms)
return format("%d", now + math.min(ms, 1e15))
end
local function headOf(record)
local numbers = {}
for number in string.gmatch(string.match(record, "^[^\\n]*"), "%S+") do numbers[#numbers + 1] = tonumber(number) end
return unpack(numbers)
end
local function announce(channels, id)
if string.sub(channels, 1, 1) == "=" then return end
for channel in string.gmatch(channels, "%S+") do call("PUBLISH", channel, base .. " " .. id) end
end
local function finish(state, ids, texts, keepMs)
call("HINCRBY", meta, state, #ids)
local waiting = has(awaited) and call("HMGET", awaited, unpack(ids))
local expires, minute = fromNow(keepMs), fromNow(60000)
local ends, e, kept, k, marks, gone = {}, 0, {}, 0, {}, {}
for i, id in ipairs(ids) do
local channels = waiting and waiting[i]
if channels then
announce(channels, id)
marks[#marks + 1], marks[#marks + 2] = id, "=" .. minute
end
if channels or keepMs > 0 then
ends[e + 1], ends[e + 2], e = channels and keepMs < 60000 and minute or expires, id, e + 2
local text = texts[i]
if text and text ~= "" then kept[k + 1], kept[k + 2], k = id, text, k + 2 end
else
gone[#gone + 1] = id
end
end
if e > 0 then call("ZADD", base .. ":" .. state, unpack(ends)) end
if #marks > 0 then call("HSET", awaited, unpack(marks)) end
if k > 0 then put(verdicts, kept) end
if #gone > 0 then
forget(gone)
call("HINCRBY", meta, "pruned", #gone)
end
end
local function record(id, failure)
isPlain = false
local text = call("HGET", ledger, id)
if not text then return put(ledger, { id, failure }) end
local _, breaks = string.gsub(text, "\\n", "")
if breaks >= 19 then text = string.match(text, "^[^\\n]*\\n(.*)$") end
call("HSET", ledger, id, text .. "\\n" .. failure)
end
local function used(ids, values)
local fields, none = {}, {}
isPlain = false
for i, id in ipairs(ids) do
if values[i] == "0" then none[#none + 1] = id
else fields[#fields + 1], fields[#fields + 2] = id, values[i] end
end
if #fields > 0 then put(attempts, fields) end
if #none > 0 then call("HDEL", attempts, unpack(none)) end
end
local function notHandedBack(id)
local value = call("HGET", attempts, id)
if value then used({ id }, { string.match(value, "^%d+") }) end
end
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
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local note, tell, recording
local function nextDue()
if isBare then return nil end
local retry = tonumber(call("ZRANGE", retryable, 0, 0, "WITHSCORES")[2])
local other = tonumber(call("ZRANGE", scheduled, 0, 0, "WITHSCORES")[2])
return retry and other and math.min(retry, other) or retry or other
end
local function promoteDue(limit)
local retry = call("ZRANGE", retryable, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local other = call("ZRANGE", scheduled, "-inf", now, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
local a, b, ids = 1, 1, {}
while #ids < limit and (retry[a] or other[b]) do
if retry[a] and (not other[b] or tonumber(retry[a + 1]) <= tonumber(other[b + 1])) then
ids[#ids + 1], a = retry[a], a + 2
else
ids[#ids + 1], b = other[b], b + 2
end
end
if #ids == 0 then return 0 end
call("ZREM", retryable, unpack(ids))
call("ZREM", scheduled, unpack(ids))
enter(ids)
if note then note("promoted", ids) end
return #ids
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local function crash(id)
local text = call("HGET", jobs, id)
local enqueuedAt, limit, maxAge, delay, keepMs = headOf(text)
local _, attempt, startedAt, _, consumer = parseLease(call("HGET", leases, id))
call("ZREM", running, id)
call("HDEL", leases, id)
used({ id }, { attempt })
record(id, format('{"attempt":%s,"kind":"Crashed","message":"the lease ran out","consumer":%s,"startedAtMs":%s}',
attempt, cjson.encode(consumer), startedAt))
local function become(event) if note then note(event, { id }, { attempt }) end end
become("rescued")
local wish, isTooOld = call("HGET", cancels, id), maxAge > 0 and now + delay >= enqueuedAt + maxAge
if wish then
call("HDEL", cancels, id)
finish("cancelled", { id }, { wish }, keepMs)
become("cancelled")
elseif tonumber(attempt) >= limit or isTooOld then
finish("dead", { id }, { tonumber(attempt) >= limit and ARGV[3] or ARGV[4] }, keepMs)
become("dead")
else
wait(retryable, { id }, delay)
become("retrying")
end
return #text
end
local ids = call("ZRANGE", running, "-inf", now, "BYSCORE", "LIMIT", 0, ARGV[2])
local count, read = 0, 0
for _, id in ipairs(ids) do
if read > 4194304 then break end
read, count = read + crash(id), count + 1
end
if count > 0 then
call("HINCRBY", meta, "rescued", count)
arm(nextDue())
end
if tell then tell() end
local earliest = tonumber(call("ZRANGE", running, 0, 0, "WITHSCORES")[2])
return { count, earliest and earliest <= now and 1 or 0 }
`
  },
  retry: {
    name: "retry",
    sha1: "8f167cc57624565b3e42eb1e2a779ab0d180ab7d",
    lua: `local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"
local now, beyond = tonumber(ARGV[1]), 0
if not now then
local time = call("TIME")
now = time[1] * 1000 + math.floor(time[2] / 1000)
beyond = time[2] % 1000 / 1000
end
local states = { "running", "available", "scheduled", "retryable", "completed", "dead", "cancelled", "blocked" }
local function stateOf(id)
for _, state in ipairs(states) do
local score = call("ZSCORE", base .. ":" .. state, id)
if score then return state, tonumber(score) end
end
return nil
end
local extras = { attempts, priorities, ledger, awaited, cancels, progress }
local isBare = call("EXISTS", retryable, scheduled, idle, unpack(extras)) == 0
local isPlain = isBare or call("EXISTS", unpack(extras)) == 0
local function has(key)
return not isPlain and call("EXISTS", key) == 1
end
local band = 35184372088832
local function enter(ids)
local sequence = call("HINCRBY", meta, "seq", #ids) - #ids
local own = has(priorities) and call("HMGET", priorities, unpack(ids))
local scores = {}
for i, id in ipairs(ids) do
local priority = own and tonumber(own[i]) or 0
scores[2 * i - 1] = format("%d", (100 - priority) * band + sequence + i)
scores[2 * i] = id
end
call("ZADD", available, unpack(scores))
end
local function wake(count)
if count == 0 or call("EXISTS", idle) == 0 or call("HEXISTS", meta, "paused") == 1 then return end
local misses = 1000
while count > 0 and misses > 0 do
local popped = call("ZPOPMIN", idle, math.min(count, 100))
if #popped == 0 then return end
for i = 1, #popped, 2 do
call("ZREM", timers, popped[i])
if call("PUBLISH", popped[i], "w" .. base) > 0 then count = count - 1 else misses = misses - 1 end
end
end
end
local function arm(due)
if due and call("EXISTS", idle) == 1 and call("ZCOUNT", timers, "(" .. format("%d", now), format("%d", due)) == 0 then
wake(1)
end
end
local note, tell, recording
recording = call("HGET", meta, "recording")
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
"n", format("%d", now), "i", table.concat(own.ids, "\\n"), "a", short(own.attempts), "t", short(own.tasks))
end
if #kinds > 0 then call("PUBLISH", (string.gsub(base, "^{([^:]+):(.*)}$", "%1:events:%2")), "") end
end
end
local answers, count = {}, 0
for i = 2, #ARGV do
local id = ARGV[i]
local state = stateOf(id)
answers[i - 1] = state or "not-found"
if state == "dead" or state == "cancelled" then
call("ZREM", base .. ":" .. state, id)
call("HDEL", verdicts, id)
call("HDEL", attempts, id)
if call("HEXISTS", awaited, id) == 1 then call("HSET", awaited, id, "") end
enter({ id })
if note then note("retried", { id }) end
answers[i - 1], count = "done", count + 1
end
end
wake(count)
if tell then tell() end
return answers
`
  }
} as const

/** The name of a script. */
export type ScriptName = keyof typeof scripts

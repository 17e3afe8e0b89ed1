-- finish(state, ids, texts, keepMs): ends jobs that have left their set, `texts[i]` being the verdict of `ids[i]` ("":
-- a completed task that answers nothing). Whoever waits is told, and finds the verdict for at least a minute. With
-- `keepMs` 0 and nobody waiting the job is deleted at once and counts as pruned. At most 1,000 ids.
-- `awaited` holds the waiters' channels, separated by spaces; once the job has ended, "=" and until when it is kept.
--@include put.lua
--@include forget.lua
--@include time.lua
--@include announce.lua

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

-- settle(at, offset, lost): applies the group of outcomes whose head is ARGV[at], the first of which has the position
-- offset + 1 in the call. Appends the positions of lost ones to `lost`; answers where the next group starts, how many
-- outcomes this one had and how many of them were applied. A group in ARGV: tag, ms, count, token ("": the tokens follow
-- the ids), count ids, [count tokens], count texts times textsOf[tag]. Tags: lib/outcomes.lua; C is c without texts.
-- A job that somebody asked to cancel meanwhile is cancelled instead of going on (r, s, b, h).
--@include lease.lua
--@include outcomes.lua
--@include noted.lua
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

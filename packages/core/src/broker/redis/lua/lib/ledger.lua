-- record(id, failure): appends one failure (JSON without a raw newline) to the job's ledger, which holds the last 20.
-- used(ids, values): sets attempts used: `values[i]` is "used" or "used handedBack why"; "0" is kept as nothing.
-- notHandedBack(id): leaves the attempts used and forgets hand-backs.
--@include put.lua
--@include plain.lua
local function record(id, failure)
  isPlain = false
  local text = call("HGET", ledger, id)
  if not text then return put(ledger, { id, failure }) end
  local _, breaks = string.gsub(text, "\n", "")
  if breaks >= 19 then text = string.match(text, "^[^\n]*\n(.*)$") end
  call("HSET", ledger, id, text .. "\n" .. failure)
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

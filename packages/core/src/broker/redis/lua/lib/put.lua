-- put(key, fields): HSET that leaves no long listpack behind. Small hashes and sorted sets of short values are listpacks,
-- which are searched from their start for each field: with 100 leases that is 1.3 us a job. One field that is too long
-- for a listpack, added and taken out again when a key grows beyond 16 entries, turns it into a table for as long as it
-- lives.
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

-- forget(ids): deletes records and all that is known of them. The jobs have left their sets. At most 1,100 ids.
--@include plain.lua
local function forget(ids)
  call("HDEL", jobs, unpack(ids))
  if call("EXISTS", verdicts) == 1 then call("HDEL", verdicts, unpack(ids)) end
  for _, key in ipairs(isPlain and {} or extras) do
    if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
  end
end

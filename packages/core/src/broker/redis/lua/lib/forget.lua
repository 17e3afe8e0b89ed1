-- forget(ids): deletes records and all that is known of them. The jobs have left their sets. At most 1,000 ids.
local optional = { attempts, priorities, ledger, verdicts, awaited, cancels, progress }
local function forget(ids)
  call("HDEL", jobs, unpack(ids))
  if call("EXISTS", unpack(optional)) == 0 then return end
  for _, key in ipairs(optional) do
    if call("EXISTS", key) == 1 then call("HDEL", key, unpack(ids)) end
  end
end

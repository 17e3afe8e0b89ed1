-- view(id, state, score): all that is known of one job: { id, state, score, record, lease, attempts, ledger, verdict,
-- cancel request, progress }; "" for what there is not.
local function view(id, state, score)
  local fields = { id, state, score, call("HGET", jobs, id) }
  for i, key in ipairs({ leases, attempts, ledger, verdicts, cancels, progress }) do
    fields[4 + i] = call("HGET", key, id) or ""
  end
  return fields
end

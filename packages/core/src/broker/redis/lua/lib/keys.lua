-- The keys of one partition, all made from KEYS[1], the partition's base: "{<prefix>:<queue>:<partition>}".
-- The base is the hash tag of every key, so all of them lie in the slot of KEYS[1]. Keys.ts lists the same names.
local call, format = redis.call, string.format
local base = KEYS[1]
local jobs, leases, meta = base .. ":jobs", base .. ":leases", base .. ":meta"
local available, running = base .. ":available", base .. ":running"
local scheduled, retryable, blocked = base .. ":scheduled", base .. ":retryable", base .. ":blocked"
local attempts, priorities, ledger = base .. ":attempts", base .. ":priorities", base .. ":ledger"
local verdicts, awaited, cancels = base .. ":verdicts", base .. ":awaited", base .. ":cancels"
local progress, calls = base .. ":progress", base .. ":calls"
local idle, timers = base .. ":idle", base .. ":timers"

-- announce(channels, id): tells every waiter of a job that there is an end to read. The message is the base, a space
-- and the id. `channels` as `awaited` holds them: separated by spaces, or "=" and a time once the job has ended.
local function announce(channels, id)
  if string.sub(channels, 1, 1) == "=" then return end
  for channel in string.gmatch(channels, "%S+") do call("PUBLISH", channel, base .. " " .. id) end
end

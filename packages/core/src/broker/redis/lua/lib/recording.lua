-- Reads whether events are recorded, for scripts that read nothing else of meta, and records them: see lib/events.lua.
--@include noted.lua
recording = call("HGET", meta, "recording")
--@include events.lua

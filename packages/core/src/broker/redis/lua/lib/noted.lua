-- note and tell (lib/events.lua) are there only while events are recorded: whoever does something asks for note first.
local note, tell, recording

-- Lets the script write although the server is out of memory: Redis refuses a script's first write then, but not the
-- first that only deletes, nor any after it. For calls that keep the system running and hardly take memory.
call("HDEL", meta, "")

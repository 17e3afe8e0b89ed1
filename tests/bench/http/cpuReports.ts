/**
 * Loaded before a server under test (`--import`): tells the process of the round how much CPU this one has used, each time
 * it is asked, and ends with it. Changes nothing else of the program.
 */
process.on("message", () => process.send?.(process.cpuUsage()))
process.on("disconnect", () => process.exit(0))
process.channel?.unref()

/**
 * The process of one round: `round.ts <scenario> <system> <port> <full|quick>`, started by runRound.
 * Empties Redis, runs the scenario, sends its figures or its failure to the parent, and ends.
 */
import { Meter } from "./Meter.ts"
import { scenarios } from "./scenarios/all.ts"
import { isSystemName, loadSystem } from "./systems/all.ts"
import type { Answer } from "./runRound.ts"

const run = async (): Promise<Answer> => {
  const [scenarioName, systemName = "", port, size] = process.argv.slice(2)
  const scenario = scenarios.find(({ name }) => name === scenarioName)
  if (scenario === undefined || !isSystemName(systemName)) return { failure: `no round ${scenarioName} ${systemName}` }
  const isQuick = size === "quick"
  const meter = new Meter(Number(port))
  await meter.flush()
  const figures = await scenario.run({
    system: await loadSystem(systemName),
    port: Number(port),
    meter,
    isQuick,
    count: (full) => isQuick ? Math.ceil(full / 10) : full
  })
  meter.close()
  return { figures: [figures].flat() }
}

const answer = await run().catch((error: unknown): Answer => ({
  failure: error instanceof Error ? error.stack ?? error.message : String(error)
}))
process.send?.(answer, undefined, undefined, () => process.exit(0))

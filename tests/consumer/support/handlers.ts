/**
 * A module of handlers, as a user writes one for `SLUICE_HANDLERS`.
 */
import { Handlers } from "@sluice/consumer"
import { Effect, Layer } from "effect"
import { Chain, Hang, Sleep } from "./tasks.ts"

const SleepLive = Sleep.toLayer(({ ms }) =>
  Effect.logInfo("sleeping").pipe(Effect.andThen(Effect.sleep(ms)), Effect.as(process.pid))
)
const HangLive = Hang.toLayer(() =>
  Effect.logInfo("hanging").pipe(Effect.andThen(Effect.uninterruptible(Effect.never)))
)
// a handler may enqueue: the program has the broker
const ChainLive = Chain.toLayer(() => Effect.map(Effect.orDie(Sleep.enqueue({ ms: 0 })), ({ id }) => id))

// eslint-disable-next-line import/no-default-export -- what the program expects of a module of handlers
export default Handlers.make({
  tasks: [Sleep, Hang, Chain],
  layer: Layer.mergeAll(SleepLive, HangLive, ChainLive)
})

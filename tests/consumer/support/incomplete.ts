/**
 * A module of handlers that was put together past the compiler: one of its tasks has no handler.
 */
import { Effect } from "effect"
import { Chain, Sleep } from "./tasks.ts"

export const tasks = [Sleep, Chain]
export const layer = Sleep.toLayer(() => Effect.succeed(0))

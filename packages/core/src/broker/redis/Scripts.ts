/**
 * Runs the Lua scripts. Content-addressed: EVALSHA, and the text itself where a node does not know it yet, so that
 * several versions of the application can run side by side and any node may forget its scripts at any time.
 */
import type * as Effect from "effect/Effect"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { Connection } from "./Connection.ts"
import type { Reply } from "./Reply.ts"
import { type ScriptName, scripts } from "./Scripts.generated.ts"

/** The arguments of a script call in the making: begin with `begin`, push what the script's contract says, `run`. */
export type Args = Array<string | number>

/** Starts the arguments of a script: its address, and one key, the partition's base. */
export const begin = (name: ScriptName, key: string): Args => [scripts[name].sha1, 1, key]

/** Runs a script with arguments that were begun for it. */
export const run = (
  connection: Connection,
  operation: string,
  name: ScriptName,
  args: Args
): Effect.Effect<Reply, BrokerError> => connection.call({ operation, name: "evalsha", args, lua: scripts[name].lua })

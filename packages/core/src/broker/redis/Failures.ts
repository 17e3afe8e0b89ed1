/**
 * What to do when a command failed: send it again, at once or later, or give up with a typed error. Pure.
 *
 * Safe because every script can be repeated: jobs have their ids, exchanges their lane and sequence.
 */
import { BrokerFull, BrokerRefused, type Reason } from "../../job/BrokerError.ts"

/** What to do after a failure. */
export type Next =
  /** The connection failed, and nobody knows whether the command arrived: again, as soon as there is a connection. */
  | { readonly _tag: "Reconnect" }
  /** The server can't at the moment: again after a pause. */
  | { readonly _tag: "Pause" }
  /** The node does not know the script: again, with its text. */
  | { readonly _tag: "SendScript" }
  | { readonly _tag: "Fail"; readonly reason: Reason }

/** Error codes of a server that will do it later: it loads its data, fails over, or runs somebody's slow script. */
const passing = new Set([
  "LOADING",
  "BUSY",
  "UNKILLABLE",
  "MASTERDOWN",
  "READONLY",
  "NOREPLICAS",
  "CLUSTERDOWN",
  "TRYAGAIN"
])

/** Error codes of a server that lets this user in for nothing: waiting would not help. */
const closed = new Set(["WRONGPASS", "NOAUTH", "NOPERM"])

const codeOf = (error: Error): string => /^[A-Z]+(?= |$)/.exec(error.message)?.[0] ?? ""

/** What the failure is called where only its kind matters to people. */
export const detailOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== "") return error.message
  return "code" in error ? String(error.code) : error.name
}

/** Whether the server answered, with an error of its own. */
export const isReply = (error: Error): boolean => error.name === "ReplyError"

/** Whether the server refuses this user altogether. */
export const isRefusal = (error: Error): boolean => isReply(error) && closed.has(codeOf(error))

/** Whether the node that answered is no master any more: only a new connection finds the one that is. */
export const isFormerMaster = (error: Error): boolean => codeOf(error) === "READONLY"

/** What to do after `error`, while doing `operation`. */
export const next = (operation: string, error: Error): Next => {
  if (!isReply(error)) return { _tag: "Reconnect" }
  const code = codeOf(error)
  if (code === "NOSCRIPT") return { _tag: "SendScript" }
  if (passing.has(code)) return { _tag: "Pause" }
  const about = { operation, detail: error.message }
  return { _tag: "Fail", reason: code === "OOM" ? new BrokerFull(about) : new BrokerRefused(about) }
}

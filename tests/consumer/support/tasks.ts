/**
 * The tasks of the module of handlers that the consumer's process tests run, as its producers know them.
 */
import { Task } from "@sluice/core"
import { Schema } from "effect"

/** Sleeps, and answers which process it was. */
export class Sleep extends Task.make("Sleep", { queue: "slow", payload: { ms: Schema.Int }, success: Schema.Int }) {}
/** Can't be interrupted. */
export class Hang extends Task.make("Hang", { queue: "slow" }) {}
/** Enqueues a `Sleep`, and answers its id. */
export class Chain extends Task.make("Chain", { success: Schema.String }) {}

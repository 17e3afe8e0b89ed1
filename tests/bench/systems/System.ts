/**
 * What the benchmark asks of a job queue. One file beside this one for each system implements it, with the settings that
 * system recommends for speed and a comment that says why they are fair. Producer and consumer share nothing but Redis,
 * as they would in two processes. The scenarios know nothing else of a system.
 */
import type { ServerProcess } from "../http/ServerProcess.ts"
import type { Payload } from "../payload.ts"

/** The names of the systems, as `--systems` and the JSON use them. */
export type SystemName = "sluice" | "bullmq" | "bee-queue" | "persisted-queue"

/** Puts jobs in. */
export interface Producer {
  /** The fastest way to put many jobs in; the caller gives 1000 at a time. Resolves when Redis has them all. */
  readonly enqueueBulk: (payloads: ReadonlyArray<Payload>) => Promise<void>
  /** One call for each job, as independent requests would make them, with at most `inFlight` unanswered. */
  readonly enqueueSingles: (payloads: ReadonlyArray<Payload>, inFlight: number) => Promise<void>
  /** One job, due after `delayMs` (0: now). Resolves when Redis has it. */
  readonly enqueue: (payload: Payload, delayMs: number) => Promise<void>
  /** How many jobs Redis still holds that are not finished: waiting, delayed or running. */
  readonly unfinished: () => Promise<number>
  readonly close: () => Promise<void>
}

/** What a consumer is to do. */
export interface ConsumerOptions {
  readonly concurrency: number
  /** How long a handler waits after `onJob`, asynchronously. 0: it returns at once. */
  readonly workMs: 0 | 1
  /** Whether delayed jobs must be made due. Only bee-queue needs to be told. */
  readonly delays: boolean
  /** Called when a job's handler starts. */
  readonly onJob: (payload: Payload) => void
}

/** Takes jobs out, from when it was made until it is closed. */
export interface Consumer {
  /** Claims no more, lets the running handlers finish, settles their jobs, disconnects. */
  readonly close: () => Promise<void>
}

/** Puts jobs in over HTTP: a server in a process of its own, and how requests to it are written. */
export interface HttpProducer {
  readonly server: ServerProcess
  readonly path: string
  /** What every request to it says beside its length. */
  readonly headers: Readonly<Record<string, string>>
  /** The body of a request for one job, and the status of its answer. */
  readonly single: { readonly body: (payload: Payload) => string; readonly status: number }
  /** The same for many jobs. */
  readonly bulk: { readonly body: (payloads: ReadonlyArray<Payload>) => string; readonly status: number }
}

/** A job queue under test. Both sides use the queue named "bench" of the Redis at `port` of this machine. */
export interface System {
  readonly name: SystemName
  readonly producer: (port: number) => Promise<Producer>
  readonly consume: (port: number, options: ConsumerOptions) => Promise<Consumer>
  /** Starts its HTTP server on that Redis. Absent in systems that are not measured over HTTP. */
  readonly httpProducer?: (port: number) => Promise<HttpProducer>
  /** The same for bodies of one job per line. Only Sluice has it. */
  readonly httpLineProducer?: (port: number) => Promise<HttpProducer>
}

/** Runs `call` for each payload, at most `inFlight` at a time: for systems whose calls are promises. */
export const forEachInFlight = async (
  payloads: ReadonlyArray<Payload>,
  inFlight: number,
  call: (payload: Payload) => Promise<unknown>
): Promise<void> => {
  const rest = payloads.values()
  const work = async () => {
    for (const payload of rest) await call(payload)
  }
  await Promise.all(Array.from({ length: inFlight }, work))
}

/**
 * What the tests of the Redis broker share: servers and brokers that live as long as the test, and short verbs.
 */
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { Redis } from "ioredis"
import {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer
} from "../../../../../tests/support/RedisServer.ts"
import { Broker, type ExchangeRequest, type NewJob } from "../../../src/broker/Broker.ts"
import { Inspector } from "../../../src/broker/Inspector.ts"
import * as RedisBroker from "../../../src/broker/redis/RedisBroker.ts"
import type { BrokerError } from "../../../src/job/BrokerError.ts"
import type { JobId } from "../../../src/job/JobId.ts"
import * as JobQueue from "../../../src/task/JobQueue.ts"

/** The queue of every test. */
export const queue = JobQueue.make("q")

/** A server of the test's own. */
export const server = (options?: RedisServerOptions) =>
  Effect.acquireRelease(
    Effect.promise(() => startRedisServer(options)),
    (server: RedisServer) => Effect.promise(() => server.stop())
  )

/** A client of the test's own, to look at the server behind the broker's back. */
export const client = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = new Redis(url)
      // a server that a test takes away is no reason to print
      client.on("error", () => {})
      return client
    }),
    (client) => Effect.sync(() => client.disconnect())
  )

/** A broker and its inspector. What it logs of outages, which tests make on purpose, is not printed. */
export const connect = (options: RedisBroker.Options) =>
  Effect.map(RedisBroker.make(options), (context) => ({
    broker: Context.get(context, Broker),
    inspector: Context.get(context, Inspector)
  })).pipe(Effect.provideService(References.MinimumLogLevel, "Fatal"))

/** A request of consumer "c", lane "l", with leases of 30 s. */
export const request = (sequence: number, overrides: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  queue,
  consumer: "c",
  lane: "l",
  sequence,
  settle: [],
  claim: 0,
  leaseMs: 30_000,
  wake: false,
  ...overrides
})

/** Enqueues jobs that have to be created; answers their ids. */
export const created = Effect.fnUntraced(function*(broker: Broker["Service"], jobs: ReadonlyArray<NewJob>) {
  const answers = yield* broker.enqueue(queue, jobs)
  return answers.map((answer): JobId => {
    if (answer.answer !== "created") assert.fail(`expected "created", got ${JSON.stringify(answer)}`)
    return answer.id
  })
})

/** The tag of the reason with which a call fails. */
export const reasonOf = <A, R>(call: Effect.Effect<A, BrokerError, R>): Effect.Effect<string, A, R> =>
  Effect.map(Effect.flip(call), (error) => error.reason._tag)

/** How often each command was called on a server since it started, or since CONFIG RESETSTAT. */
export const commandCalls = (client: Redis) =>
  Effect.map(
    Effect.promise(() => client.info("commandstats")),
    (text) =>
      new Map([...text.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)].map(([, name, calls, us]) => [
        name!,
        { calls: Number(calls), us: Number(us) }
      ]))
  )

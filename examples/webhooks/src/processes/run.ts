/**
 * One run of the demo in processes: two programs that know of each other only through Redis, and this one, which is their
 * client on one side and the endpoint of the deliveries on the other.
 *
 * `main.ts` runs it. Everything that it learns of the jobs it is told over HTTP. It stops both programs in the end, and
 * fails at once when one of them ends before.
 */
import { Clock, Deferred, Effect, Stream } from "effect"
import { randomBytes } from "node:crypto"
import { account } from "../account.ts"
import type { DemoOptions } from "../demo.ts"
import type { Delivery } from "../input.ts"
import { type Screen, watch } from "../progress.ts"
import { count, time } from "../report.ts"
import { Sink } from "../sink.ts"
import { deliveries as deliveriesQueue } from "../tasks.ts"
import { type Api, type ApiFailed, events, localOf, queue } from "./Api.ts"
import { AttemptBook } from "./AttemptBook.ts"
import { ended, endingOf } from "./endings.ts"
import { type Ended, inWords, type Program } from "./Program.ts"
import { type Programs, startPrograms } from "./programs.ts"
import { targetsOf } from "./requests.ts"
import { send } from "./send.ts"

/** How a run goes. */
export interface ProcessesOptions extends DemoOptions {
  readonly redisUrl: string
  /** What all keys in Redis begin with. */
  readonly prefix: string
  /** The folder that the programs run in. */
  readonly folder: string
}

const queueName = deliveriesQueue.name

/** Follows the queue's events into a book, from the moment at which all of them are recorded. */
const follow = Effect.fnUntraced(function*(api: Api) {
  const book = new AttemptBook()
  const listening = yield* Deferred.make<void, ApiFailed>()
  const reading = events(api, queueName).pipe(
    Stream.runForEach((event) => {
      book.add(event)
      return event.event === "listening" ? Deferred.succeed(listening, undefined) : Effect.void
    }),
    Effect.onError((cause) => Deferred.failCause(listening, cause))
  )
  yield* Effect.forkScoped(Effect.ignoreCause(reading))
  yield* Deferred.await(listening)
  return book
})

/** Events come a moment after the counts; what is missing after five seconds never comes. */
const untilTold = Effect.fnUntraced(function*(book: AttemptBook, deliveries: ReadonlyArray<string>) {
  for (let looks = 0; looks < 250 && book.missing(deliveries).length > 0; looks++) yield* Effect.sleep("20 millis")
})

const namesOf = (deliveries: ReadonlyArray<Delivery>) => deliveries.map(({ delivery }) => delivery)

/** The client: sends everything, watches until all has ended, and asks what became of it. */
const work = Effect.fnUntraced(function*(api: Api, deliveries: ReadonlyArray<Delivery>, screen: Screen) {
  const book = yield* follow(api)
  const before = new Set((yield* ended(api)).map(({ id }) => localOf(id)))
  const startedAt = yield* Clock.currentTimeMillis
  const { asLines, earlier, singly } = yield* send(api, deliveries)
  const known = earlier.size === 0 ? "" : `; ${count(earlier.size)} of them were there already`
  screen.write(
    `Sent ${count(singly)} deliveries by single POSTs with an Idempotency-Key and ${
      count(asLines)
    } as lines of NDJSON, ` +
      `in ${time((yield* Clock.currentTimeMillis) - startedAt)}${known}.\n\n`
  )
  const counts = yield* watch(screen, deliveries.length, Effect.map(queue(api, queueName), ({ states }) => states))
  const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
  const awaited = namesOf(deliveries).filter((delivery) => !before.has(delivery))
  yield* untilTold(book, awaited)
  const untold = book.missing(awaited).map((delivery) => `the events did not tell that ${delivery} ended`)
  return { book, counts, earlier, elapsedMs, jobs: yield* ended(api), untold }
}, Effect.scoped)

/** What is wrong with how a program ended, if anything. */
const endProblem = (end: Ended): ReadonlyArray<string> =>
  end.code === 0 ? [] : [`${end.name} was stopped with SIGTERM and ended with ${inWords(end)}, not 0`]

const introduce = (screen: Screen, { consumer, producer, url }: Programs, concurrency: number): void => {
  const line = ({ name, pid }: Program, what: string) => screen.write(`  ${name}   process ${pid}, ${what}\n`)
  line(producer, `takes jobs in at ${url}`)
  line(consumer, `delivers ${concurrency} at once: known kinds by handlers.ts, the others without code`)
}

const run = Effect.fnUntraced(function*(
  deliveries: ReadonlyArray<Delivery>,
  options: ProcessesOptions,
  screen: Screen
) {
  const { received, url: endpoint } = yield* Sink
  const apiKey = randomBytes(24).toString("base64url")
  const { concurrency, folder, prefix, redisUrl, timeoutMs } = options
  const targets = targetsOf(deliveries)
  const told = { apiKey, concurrency, endpoint, folder, prefix, redisUrl, targets, timeoutMs }
  const programs = yield* startPrograms(told)
  const { consumer, producer, url } = programs
  introduce(screen, programs, concurrency)
  const { book, counts, earlier, elapsedMs, jobs, untold } = yield* work({ url, key: apiKey }, deliveries, screen).pipe(
    Effect.raceFirst(producer.failure),
    Effect.raceFirst(consumer.failure)
  )
  const ends = yield* Effect.all([consumer.stop, producer.stop], { concurrency: 2 })

  const facts = account({
    deliveries,
    endings: jobs.map(endingOf),
    received,
    earlier,
    attempts: book.attemptsOf(jobs),
    counts,
    elapsedMs
  })
  const gap = book.hasGap ? ["the events had a gap"] : []
  return { ...facts, problems: [...facts.problems, ...untold, ...gap, ...ends.flatMap(endProblem)] }
}, Effect.scoped)

/** Delivers all the deliveries through two processes, and answers what the run came to. */
export const runInProcesses = (deliveries: ReadonlyArray<Delivery>, options: ProcessesOptions, screen: Screen) =>
  run(deliveries, options, screen).pipe(Effect.provide(Sink.layer(options.sink)))

/**
 * Enqueues a body of lines while it arrives, and answers each line as soon as its fate is known.
 *
 * At most 500 lines go into one call of the broker, and nothing is read while the broker works: a fast client is held back
 * by its own connection. Answers that nobody reads are held for 128 calls; then reading stops as well. When the broker
 * fails, or the producer stops, one last answer says from which line on nothing was read.
 */
import { type Caller, Problems } from "@sluice/core/api"
import type { Broker } from "@sluice/core/Broker"
import type { Inspector } from "@sluice/core/Inspector"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { told } from "../http/brokerProblem.ts"
import { RateLimiter } from "../http/RateLimiter.ts"
import { Stopping } from "../http/Stopping.ts"
import type { PublishedTasks } from "../registry/PublishedTasks.ts"
import { type Answered, enqueueItems, refused } from "./enqueueItems.ts"
import { type Line, LineReader } from "./LineReader.ts"
import type { Origin } from "./newJob.ts"
import { type Item, notJson, parseItem, parseJson } from "./parseItem.ts"
import * as rawPayload from "./rawPayload.ts"

/** The most lines of one call of the broker. */
export const linesPerCall = 500

/** Unread answers are held for this many calls. */
const heldCalls = 128

/** How much longer than its payload a line may be: room for the options. */
const optionBytes = 16_384

/** A request to enqueue lines. */
export interface LinesRequest<E> extends Origin {
  readonly queue: string
  readonly caller: Caller["Service"]
  readonly body: Stream.Stream<Uint8Array, E>
}

const parseLine = (line: Line, limit: number): Result.Result<Item, Problems.Problem> => {
  if (!("fault" in line)) {
    return Result.flatMap(parseJson(line.text), (parsed) => parseItem(parsed, rawPayload.ofObject(line.text)))
  }
  const detail = `The line is longer than ${limit} bytes; it was not enqueued.`
  return Result.fail(
    line.fault === "too-long" ? new Problems.BodyTooLarge({ limit, detail }) : notJson("Expected UTF-8")
  )
}

/** Enqueues the lines of one call; when the broker fails, that is the answer to all that could have been enqueued. */
const answerLines = <E>(
  request: LinesRequest<E>,
  lines: ReadonlyArray<Line>,
  items: ReadonlyArray<Result.Result<Item, Problems.Problem>>
) =>
  enqueueItems(request, request.queue, items, (index) => lines[index]!.number - 1).pipe(
    Effect.map((answers) => ({ answers, failure: undefined })),
    Effect.catch((error) =>
      Effect.map(told(error), (failure) => ({
        answers: items.map((item) => refused(Result.isFailure(item) ? item.failure : failure)),
        failure
      }))
    )
  )

const lineText = (line: number, answer: Answered): string => `${JSON.stringify({ line, ...answer })}\n`

const abortText = (line: number, problem: Problems.Problem): string =>
  `${JSON.stringify({ line, status: problem.status, problem, aborted: true })}\n`

/** What an enqueue needs. */
type Needed = Broker | Inspector | PublishedTasks

type Texts = NonEmptyReadonlyArray<string>

/** Takes in what has arrived, or that nothing more comes. */
const read = <E>(reader: LineReader, pull: Pull.Pull<NonEmptyReadonlyArray<Uint8Array>, E>): Effect.Effect<void, E> =>
  Effect.map(pull, (chunks) => chunks.forEach((chunk) => reader.feed(chunk))).pipe(
    Pull.catchDone(() => Effect.sync(() => reader.end()))
  )

/** Why nothing more is to be read, if so. */
const abortOf = (reader: LineReader, limit: number, isStopping: boolean): Problems.Problem | undefined => {
  if (isStopping) return new Problems.NotReady({ detail: "The producer stops. Send what is left to another one." })
  const detail = `The body is longer than ${limit} bytes. Send what is left in another request.`
  return reader.bytes > limit ? new Problems.BodyTooLarge({ limit, detail }) : undefined
}

/** Pulls bytes until lines are whole, enqueues these, and gives their answers; then again. */
const pullAnswers = Effect.fnUntraced(function*<E>(
  request: LinesRequest<E>,
  pull: Pull.Pull<NonEmptyReadonlyArray<Uint8Array>, E>
) {
  const limiter = yield* RateLimiter
  const stopping = yield* Stopping
  const { maxPayloadBytes, maxStreamBytes } = request.options
  const maxLineBytes = maxPayloadBytes + optionBytes
  const reader = new LineReader(maxLineBytes)
  let isOver = false

  const abort = (problem: Problems.Problem): string => {
    isOver = true
    return abortText(reader.nextNumber, problem)
  }
  const answer = Effect.fnUntraced(function*(lines: ReadonlyArray<Line>): Effect.fn.Return<Texts, never, Needed> {
    yield* limiter.wait(request.caller.name)
    const items = lines.map((line) => parseLine(line, maxLineBytes))
    const { answers, failure } = yield* answerLines(request, lines, items)
    const texts = answers.map((one, index) => lineText(lines[index]!.number, one)).join("")
    return [failure === undefined ? texts : texts + abort(failure)]
  })
  const step: Pull.Pull<Texts, E, void, Needed> = Effect.suspend(() => {
    if (isOver) return Cause.done()
    const problem = abortOf(reader, maxStreamBytes, stopping.isStopping())
    if (problem !== undefined) return Effect.sync((): Texts => [abort(problem)])
    const lines = reader.take(linesPerCall)
    if (lines.length > 0) return answer(lines)
    if (reader.hasEnded) return Cause.done()
    // a client that is silent just now must not hold up the stop, and is to be told of it
    return Effect.flatMap(Effect.raceFirst(read(reader, pull), stopping.begun), () => step)
  })
  return step
})

/** The answers to a body of lines, as bytes. It fails only when the body can't be read: then the client is gone. */
export const enqueueLines = <E>(
  request: LinesRequest<E>
): Stream.Stream<Uint8Array, E, Needed | RateLimiter | Stopping> =>
  Stream.transformPull(request.body, (pull) => pullAnswers(request, pull)).pipe(
    Stream.buffer({ capacity: heldCalls }),
    Stream.encodeText
  )

/**
 * From JSON to one checked job: its options as values, its payload as the text that was sent.
 *
 * A body, an element of an array and a line of a stream all come through here, so they are refused alike. What is wrong is
 * told all at once, with the path to each place.
 */
import { EnqueueBody, Problems } from "@sluice/core/api"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { issuesOf } from "../http/issuesOf.ts"

/** One job as it was sent. */
export interface Item {
  readonly options: EnqueueBody.EnqueueItem
  /** The exact JSON text of the payload. */
  readonly payload: string
  /** The same, parsed: only to be checked, for it may have lost what JSON.parse loses. */
  readonly value: unknown
}

const decode = Schema.decodeUnknownResult(EnqueueBody.EnqueueItem, { errors: "all", onExcessProperty: "error" })

/** The problem of a body or a line that is no job at all. */
export const notJson = (detail: string): Problems.InvalidRequest =>
  new Problems.InvalidRequest({ detail: "Nothing was enqueued.", errors: [{ path: ["payload"], message: detail }] })

/** Where JSON.parse stopped, where it says so; without the text that it quotes, which may be somebody's data. */
const placeOf = (error: unknown): string => {
  const place = /at position \d+/.exec(error instanceof Error ? error.message : "")?.[0]
  return place === undefined ? "" : `, but it breaks off ${place}`
}

/** Parses JSON. The problem says where it breaks off. */
export const parseJson = (text: string): Result.Result<unknown, Problems.InvalidRequest> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch (error) {
    return Result.fail(notJson(`Expected JSON${placeOf(error)}`))
  }
}

/** An object with more members than this is no job; to look at each of a million of them would take half a minute. */
const maxMembers = 100

const tooManyMembers = (count: number): Problems.InvalidRequest =>
  notJson(`Expected a job; this object has ${count} members`)

/** Checks one parsed job. `payload` is the text of its member of that name, found by `rawPayload`. */
export const parseItem = (
  parsed: unknown,
  payload: string | undefined
): Result.Result<Item, Problems.InvalidRequest> => {
  // the text stands for the payload; a parsed one may hold Infinity, which JSON has not
  const isObject = typeof parsed === "object" && parsed !== null
  const count = isObject ? Object.keys(parsed).length : 0
  if (count > maxMembers) return Result.fail(tooManyMembers(count))
  const hasPayload = isObject && "payload" in parsed
  const options = decode(hasPayload ? { ...parsed, payload: null } : parsed)
  return Result.isSuccess(options) && payload !== undefined && hasPayload
    ? Result.succeed({ options: options.success, payload, value: parsed.payload })
    : Result.fail(
      new Problems.InvalidRequest({
        detail: "Nothing was enqueued.",
        errors: Result.isFailure(options) ? issuesOf("payload", options.failure.issue) : []
      })
    )
}

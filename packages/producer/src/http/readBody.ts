/**
 * Reads a whole body as text, within a limit and exactly: bytes that are no UTF-8 are refused, not replaced.
 *
 * A body that says that it is too long is refused before anything of it is read.
 */
import { Problems } from "@sluice/core/api"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import { MaxBodySize } from "effect/http/HttpIncomingMessage"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"

const decoder = new TextDecoder("utf-8", { fatal: true })

const tooLarge = (limit: number) =>
  new Problems.BodyTooLarge({
    limit,
    detail:
      `The body is longer than ${limit} bytes. Nothing was done. Send less at once, or lines (application/x-ndjson).`
  })

const unreadable = (message: string) =>
  new Problems.InvalidRequest({ detail: "Nothing was done.", errors: [{ path: ["payload"], message }] })

const decode = (bytes: ArrayBuffer): Effect.Effect<string, Problems.InvalidRequest> => {
  try {
    return Effect.succeed(decoder.decode(bytes))
  } catch {
    return Effect.fail(unreadable("Expected UTF-8"))
  }
}

/** The body's text. `limit` in bytes. */
export const readBody = (
  request: HttpServerRequest,
  limit: number
): Effect.Effect<string, Problems.BodyTooLarge | Problems.InvalidRequest> => {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Effect.fail(tooLarge(limit))
  return Effect.flatMap(
    Effect.mapError(
      Effect.provideService(request.arrayBuffer, MaxBodySize, ByteSize.bytes(limit)),
      ({ reason }) =>
        reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
          ? tooLarge(limit)
          : unreadable("The body did not arrive whole")
    ),
    decode
  )
}

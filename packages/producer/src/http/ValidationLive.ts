/**
 * Turns what does not fit an endpoint's schemas into a problem: of the client's, with the path to each place; or, when our
 * own answer does not fit, a bug, which is logged and told without details.
 */
import { Problems, Validation } from "@sluice/core/api"
import * as Effect from "effect/Effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import type * as Layer from "effect/Layer"
import { issuesOf } from "./issuesOf.ts"

/** The middleware. */
export const layer: Layer.Layer<Validation> = HttpApiMiddleware.layerSchemaErrorTransform(
  Validation,
  (error) =>
    error.kind === "Body" || error.kind === "ResponseHeaders"
      ? Effect.andThen(
        Effect.logError("an answer does not fit its schema", error.cause),
        Effect.fail(new Problems.InternalError({ detail: "It was logged under this request's id." }))
      )
      : Effect.fail(
        new Problems.InvalidRequest({
          detail: "Nothing was done.",
          errors: issuesOf(error.kind.toLowerCase(), error.cause.issue)
        })
      )
)

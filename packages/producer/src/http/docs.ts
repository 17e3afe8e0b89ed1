/**
 * The documentation page at /docs: made from the API's definitions, whole in one answer, so that it needs no internet; its
 * policy keeps the browser from asking anybody else.
 *
 * The page's program is several megabytes; it is loaded when the layer is built, not when the module is imported.
 */
import { Api } from "@sluice/core/api"
import * as Effect from "effect/Effect"
import * as HttpApiScalar from "effect/http-api/HttpApiScalar"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"

const policy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'"

const careful = HttpRouter.middleware((page) =>
  Effect.map(page, (response) => HttpServerResponse.setHeader(response, "content-security-policy", policy))
)

/** The page's route. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter> = HttpApiScalar.layer(Api, {
  path: "/docs",
  scalar: { withDefaultFonts: false }
}).pipe(Layer.provide(careful.layer))

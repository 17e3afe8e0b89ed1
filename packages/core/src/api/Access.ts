/**
 * Who may call what: bearer keys with scopes, as definitions. The producer implements the middleware, clients fill in
 * their key, and each endpoint says the scope that it needs.
 *
 * A producer without keys lets everyone do everything (and then listens on loopback only). No keys are kept here.
 */
import * as Context from "effect/Context"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import * as Problems from "./Problems.ts"

/** What a key may do: put jobs in; look; change and delete what is there. None includes another. */
export const Scope = Schema.Literals(["enqueue", "read", "operate"])
/** What a key may do. */
export type Scope = typeof Scope.Type

/** The annotation of an endpoint that says which scope it needs. */
export class RequiredScope extends Context.Service<RequiredScope, Scope>()("@sluice/core/api/RequiredScope") {}

/** Annotates an endpoint with the scope that it needs and with what its documentation says. */
export const needs = (scope: Scope, summary: string, description: string): Context.Context<RequiredScope> =>
  Context.add(
    OpenApi.annotations({ summary, description: `${description} Scope: \`${scope}\`.` }),
    RequiredScope,
    scope
  )

/** Who calls: the name of the key, `anonymous` where no keys are configured. */
export class Caller extends Context.Service<Caller, {
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
}>()("@sluice/core/api/Caller") {}

const bearer: HttpApiSecurity.Http = HttpApiSecurity.annotate(
  HttpApiSecurity.bearer,
  OpenApi.Description,
  "An API key of the producer."
)

/** Checks the key, its scope and its rate, before anything of the request is read. */
export class Access extends HttpApiMiddleware.Service<Access, { provides: Caller }>()("@sluice/core/api/Access", {
  security: { bearer },
  error: [Problems.Unauthorized, Problems.Forbidden, Problems.RateLimited],
  requiredForClient: true
}) {}

/** Turns what does not fit an endpoint's schemas into a problem that says where, and bugs into one that says nothing. */
export class Validation extends HttpApiMiddleware.Service<Validation>()("@sluice/core/api/Validation", {
  error: [Problems.InvalidRequest, Problems.InternalError]
}) {}

/**
 * What a supervisor asks a running program: does it live, is it ready, has it started. Without a key, for probes.
 */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import * as Problems from "./Problems.ts"

/** All is well. */
export const Healthy = Schema.Struct({ status: Schema.Literal("ok") }).annotate({ identifier: "Healthy" })

const probe = <const Name extends string>(name: Name, summary: string, description: string) =>
  HttpApiEndpoint.get(name, `/${name}`, { success: Healthy, error: Problems.NotReady }).annotateMerge(
    OpenApi.annotations({ summary, description })
  )

/** The endpoints of health. */
export class HealthGroup extends HttpApiGroup.make("health").add(
  probe("livez", "Does it live?", "503 when it should be started anew."),
  probe(
    "readyz",
    "Is it ready?",
    "503 while the broker does not answer, and from the moment at which it is told to stop."
  ),
  probe("startupz", "Has it started?", "503 until the broker has answered once.")
) {}

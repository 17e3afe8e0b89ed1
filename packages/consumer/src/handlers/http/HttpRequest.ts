/**
 * The payload of the task whose payload names its own target: a request, as an application writes it.
 */
import * as Schema from "effect/Schema"

/** The methods that deliveries may use. */
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const

/** See the module. */
export const HttpRequest = Schema.Struct({
  /** http or https, without user and password; one of the allowed targets. */
  url: Schema.String,
  /** Default POST. */
  method: Schema.optionalKey(Schema.Literals(methods)),
  /** Those of the connection and of the signature are ours, and left out. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** Sent as it is, in UTF-8. Default: none. */
  body: Schema.optionalKey(Schema.String)
})

/**
 * Signs deliveries as the Standard Webhooks specification says, so that receivers can use any library for it. Pure.
 *
 * The signature is HMAC-SHA256 over `<id>.<timestamp>.<body>`, in base64, after `v1,`; with several secrets there is one for
 * each, a space between them, so that a secret can be replaced without a gap.
 */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"

const marker = "whsec_"

/** The key of a secret: the bytes that its base64 after `whsec_` says, or the text itself. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith(marker) ? Buffer.from(secret.slice(marker.length), "base64") : Buffer.from(secret, "utf8")

/** An id as it can stand in a header: what is not printable ASCII, and `%`, is percent-encoded. */
export const headerId = (id: string): string =>
  id.replace(/[^\x21-\x24\x26-\x7e]+/gu, (part) => encodeURIComponent(part))

/** What is signed. */
export interface Signed {
  /** Names the job, the same for each attempt: receivers drop what they have seen. */
  readonly id: string
  /** Epoch seconds of this attempt. */
  readonly timestamp: number
  readonly body: string
}

/** The headers of a delivery; without secrets there is no signature among them. */
export const headers = (
  { body, id, timestamp }: Signed,
  secrets: ReadonlyArray<Redacted.Redacted>
): Readonly<Record<string, string>> => {
  const name = headerId(id)
  const sign = (secret: Redacted.Redacted) =>
    `v1,${createHmac("sha256", keyOf(Redacted.value(secret))).update(`${name}.${timestamp}.${body}`).digest("base64")}`
  return {
    "webhook-id": name,
    "webhook-timestamp": String(timestamp),
    ...(secrets.length === 0 ? {} : { "webhook-signature": secrets.map(sign).join(" ") })
  }
}

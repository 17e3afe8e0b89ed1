/** What a sink that works says of a body. For the tests. */
import { createHash } from "node:crypto"

/** The digest and the length of a text as bytes of UTF-8. */
export const receiptOf = (body: string): { readonly sha256: string; readonly bytes: number } => ({
  sha256: createHash("sha256").update(body).digest("hex"),
  bytes: Buffer.byteLength(body)
})

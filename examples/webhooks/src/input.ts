/**
 * The input: every example payload of `@octokit/webhooks-examples`, as the deliveries that a webhook sender makes of them.
 *
 * GitHub sends compact JSON, so a payload's text is made once, here, and is the text from then on: nothing later parses
 * it and writes it anew. Which of the payload's fields matter is not decided here (see documents.ts).
 */
import { Effect, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"

/** One webhook payload on its way to one endpoint. */
export interface Delivery {
  /** Names the delivery. Made from the payload's place in the input: the same input, the same names. */
  readonly delivery: string
  /** The kind of event, as in GitHub's `X-GitHub-Event`. */
  readonly event: string
  /** The exact text to send. */
  readonly body: string
}

const Index = Schema.fromJsonString(Schema.Array(Schema.Struct({
  name: Schema.String,
  examples: Schema.Array(Schema.Json)
})))

const file = createRequire(import.meta.url).resolve("@octokit/webhooks-examples/api.github.com/index.json")

/**
 * All deliveries, `copies` of each payload (at least 1). Dies when the package is missing or is not what it was: that
 * is a broken installation, and there is nothing to deliver.
 */
export const load = Effect.fnUntraced(function*(copies: number) {
  const text = yield* Effect.promise(() => readFile(file, "utf8"))
  const kinds = yield* Schema.decodeEffect(Index)(text)
  const originals = kinds.flatMap(({ examples, name }) =>
    examples.map((example, index): Delivery => ({
      delivery: `${name}-${index + 1}`,
      event: name,
      body: JSON.stringify(example)
    }))
  )
  return Array.from({ length: copies }, (_, copy) =>
    copy === 0
      ? originals
      : originals.map((original): Delivery => ({ ...original, delivery: `${original.delivery}.copy-${copy + 1}` })))
    .flat()
}, Effect.orDie)

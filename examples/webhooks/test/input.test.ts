/** The input is all of the package's payloads, and our schemas fit the real documents. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { createRequire } from "node:module"
import * as Document from "../src/documents.ts"
import { load } from "../src/input.ts"

describe("input", () => {
  it.effect("has every payload of every kind, as compact JSON, each under a name of its own", () =>
    Effect.gen(function*() {
      const kinds: ReadonlyArray<{ readonly name: string; readonly examples: ReadonlyArray<unknown> }> = createRequire(
        import.meta.url
      )("@octokit/webhooks-examples")
      const deliveries = yield* load(1)
      assert.deepStrictEqual(
        deliveries.map(({ body, event }) => [event, body]),
        kinds.flatMap(({ examples, name }) => examples.map((example) => [name, JSON.stringify(example)]))
      )
      assert.strictEqual(deliveries.length, 329)
      assert.strictEqual(new Set(deliveries.map(({ event }) => event)).size, 58)
      assert.strictEqual(new Set(deliveries.map(({ delivery }) => delivery)).size, 329)
    }))

  it.effect("repeats the payloads under other names", () =>
    Effect.gen(function*() {
      const deliveries = yield* load(3)
      assert.strictEqual(new Set(deliveries.map(({ delivery }) => delivery)).size, 3 * 329)
      assert.strictEqual(deliveries[329]?.body, deliveries[0]?.body)
    }))

  it.effect("fits the schemas of the documents that have one", () =>
    Effect.gen(function*() {
      const deliveries = yield* load(1)
      const documents = {
        push: Document.Push,
        issues: Document.Issues,
        pull_request: Document.PullRequest,
        release: Document.Release,
        star: Document.Star,
        ping: Document.Ping
      }
      for (const [kind, document] of Object.entries(documents)) {
        const ofKind = deliveries.filter(({ event }) => event === kind)
        assert.isAbove(ofKind.length, 0)
        for (const { body } of ofKind) {
          yield* Schema.decodeUnknownEffect(document)(JSON.parse(body))
        }
      }
    }))
})

import { Payload, Task } from "@sluice/core"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result, Schema, SchemaTransformation } from "effect"
import { SendEmail } from "./support/SendEmail.ts"

const { decodePayload, encodePayload } = SendEmail.definition

describe("payload versions", () => {
  it("are counted from one, and the newest is written", () => {
    assert.strictEqual(SendEmail.definition.version, 2)
    assert.strictEqual(Task.make("Plain", { payload: { n: Schema.Int } }).definition.version, 1)
    assert.strictEqual(Task.make("Ping").definition.version, 1)
  })

  it("are read by their own schema and led up to the newest", () => {
    assert.deepStrictEqual(
      decodePayload(1, "{\"to\":\"ada@x\"}"),
      Result.succeed({ to: ["ada@x"], subject: "(none)", tenant: "unknown" })
    )
    const newest = { to: ["ada@x"], subject: "hi", tenant: "acme" }
    assert.deepStrictEqual(decodePayload(2, JSON.stringify(newest)), Result.succeed(newest))
  })

  it("go up step by step, each from the one before", () => {
    const steps: Array<number> = []
    const payload = Payload.make({ a: Schema.Int })
      .next({ a: Schema.Int, b: Schema.DateTimeUtc }, ({ a }) => {
        steps.push(1)
        return { a, b: Schema.decodeSync(Schema.DateTimeUtcFromMillis)(a) }
      })
      .next(Schema.Struct({ sum: Schema.Number }), ({ a, b }) => {
        steps.push(2)
        return { sum: a + b.epochMilliseconds }
      })
    const { definition } = Task.make("Steps", { payload })
    assert.deepStrictEqual(definition.decodePayload(1, "{\"a\":5}"), Result.succeed({ sum: 10 }))
    assert.deepStrictEqual(steps, [1, 2])
    assert.deepStrictEqual(
      definition.decodePayload(2, "{\"a\":5,\"b\":\"1970-01-01T00:00:00.001Z\"}"),
      Result.succeed({ sum: 6 })
    )
    assert.deepStrictEqual(definition.decodePayload(3, "{\"sum\":7}"), Result.succeed({ sum: 7 }))
    assert.deepStrictEqual(steps, [1, 2, 2])
  })

  it("refuse what fits no version, saying why", () => {
    const failure = (version: number, text: string) => {
      const decoded = decodePayload(version, text)
      return Result.isFailure(decoded) ? decoded.failure : "decoded"
    }
    assert.include(failure(1, "{\"to\":1}"), "to")
    assert.include(failure(2, "{\"to\":\"ada@x\"}"), "to")
    assert.include(failure(2, "{"), "JSON")
    assert.include(failure(2, ""), "JSON")
    assert.include(failure(3, "{}"), "there is no version 3; the newest is 2")
    assert.include(failure(0, "{}"), "there is no version 0")
    assert.include(failure(1.5, "{}"), "there is no version 1.5")
  })

  it("refuse a way up that throws, or that leads to what the newest schema refuses", () => {
    const { definition } = Task.make("Broken", {
      payload: Payload.make({ n: Schema.Int }).next({ n: Schema.NonEmptyString }, ({ n }) => {
        if (n < 0) throw new Error("negative")
        return { n: "x".repeat(n) }
      })
    })
    assert.deepStrictEqual(definition.decodePayload(1, "{\"n\":1}"), Result.succeed({ n: "x" }))
    const thrown = definition.decodePayload(1, "{\"n\":-1}")
    assert.include(Result.isFailure(thrown) ? thrown.failure : "", "negative")
    const misfit = definition.decodePayload(1, "{\"n\":0}")
    assert.include(Result.isFailure(misfit) ? misfit.failure : "", "misfit")
  })
})

describe("payload codecs", () => {
  const Rich = Schema.Struct({
    at: Schema.DateTimeUtc,
    date: Schema.Date,
    big: Schema.BigInt,
    any: Schema.Json,
    bytes: Schema.Uint8Array,
    number: Schema.Number,
    optional: Schema.optional(Schema.String),
    map: Schema.ReadonlyMap(Schema.String, Schema.Finite)
  })
  const isSame = Schema.toEquivalence(Rich)
  const { definition } = Task.make("Rich", { payload: Rich })

  it.prop("give back what they were given", [Arbitrary.schema(Rich)], ([payload]) => {
    const encoded = definition.encodePayload(payload)
    assert.isTrue(Result.isSuccess(encoded))
    if (Result.isFailure(encoded)) return
    assert.notInclude(encoded.success, "\n")
    const decoded = definition.decodePayload(1, encoded.success)
    // not deepStrictEqual: JSON knows no -0
    assert.isTrue(Result.isSuccess(decoded) && Schema.is(Rich)(decoded.success) && isSame(decoded.success, payload))
  })

  it("keep every text, lone surrogates included", () => {
    const { definition: text } = Task.make("Text", { payload: Schema.String })
    for (const sample of ["", "\n\u2028\u0000", "\ud800", "é€😀", "</script>"]) {
      const encoded = text.encodePayload(sample)
      assert.deepStrictEqual(text.decodePayload(1, Result.getOrThrow(encoded)), Result.succeed(sample))
    }
  })

  it("never throw, whatever a transformation does", () => {
    const breaking = (name: string, decode: (text: string) => Effect.Effect<string>) =>
      Task.make(name, {
        payload: Schema.String.pipe(Schema.decodeTo(
          Schema.String,
          SchemaTransformation.transformEffect({ decode, encode: decode })
        ))
      }).definition
    const throwing = breaking("Throwing", () => {
      throw new Error("thrown in a transformation")
    })
    const dying = breaking("Dying", () => Effect.die(new Error("died in a transformation")))
    const waiting = breaking("Waiting", (text) => Effect.as(Effect.sleep("1 hour"), text))
    for (const { decodePayload: decode, encodePayload: encode } of [throwing, dying, waiting]) {
      assert.isTrue(Result.isFailure(encode("x")))
      assert.isTrue(Result.isFailure(decode(1, "\"x\"")))
    }
  })

  it("may be recursive, and name what is defined later", () => {
    interface Tree {
      readonly value: unknown
      readonly children: ReadonlyArray<Tree>
    }
    const Suspended = Schema.Struct({
      tree: Schema.suspend((): Schema.Codec<Tree> => Tree)
    })
    const { definition: recursive } = Task.make("Recursive", { payload: Suspended })
    const Tree = Schema.Struct({
      value: Schema.Any,
      children: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
    })
    const tree = (value: unknown) => ({ tree: { value: 1, children: [{ value, children: [] }] } })
    assert.isTrue(Result.isSuccess(recursive.encodePayload(tree("x"))))
    assert.isTrue(Result.isFailure(recursive.encodePayload(tree(1n))))
  })

  it("drop what the schema does not name", () => {
    const payload = { to: [], subject: "s", tenant: "t", more: 1 }
    assert.deepStrictEqual(encodePayload(payload), Result.succeed("{\"to\":[],\"subject\":\"s\",\"tenant\":\"t\"}"))
  })
})

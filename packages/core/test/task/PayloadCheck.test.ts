import { Task } from "@sluice/core"
import * as PayloadCheck from "@sluice/core/PayloadCheck"
import * as TaskInfo from "@sluice/core/TaskInfo"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result, Schema } from "effect"

class Bounced extends Schema.TaggedError<Bounced>()("Bounced", { address: Schema.String }) {}
interface Tree {
  readonly value: number
  readonly kids: ReadonlyArray<Tree>
}
const Tree: Schema.Codec<Tree> = Schema.Struct({
  value: Schema.Int,
  kids: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
})

/** What people write as payloads; all that these encode has to pass. */
const payloads = {
  everyday: Schema.Struct({
    to: Schema.Array(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(3))),
    at: Schema.Date,
    took: Schema.Duration,
    ratio: Schema.optionalKey(Schema.Number),
    note: Schema.optional(Schema.NullOr(Schema.String)),
    size: Schema.BigInt,
    counts: Schema.Record(Schema.String, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))),
    kind: Schema.Literals(["a", "b", 3]),
    link: Schema.URL
  }),
  tagged: Schema.TaggedUnion({ Pause: { queue: Schema.String }, Drain: { limit: Schema.Int } }),
  error: Schema.Union([Bounced]),
  tree: Tree,
  option: Schema.Option(Schema.DateTimeUtc),
  tuple: Schema.TupleWithRest(Schema.Tuple([Schema.String]), [Schema.Int]),
  set: Schema.ReadonlySet(Schema.String),
  map: Schema.ReadonlyMap(Schema.String, Schema.Int),
  bytes: Schema.Uint8Array,
  open: Schema.StructWithRest(Schema.Struct({ a: Schema.String }), [Schema.Record(Schema.String, Schema.Json)]),
  uuid: Schema.String.check(Schema.isUUID()),
  trimmed: Schema.Trimmed,
  exit: Schema.Exit(Schema.String, Schema.String, Schema.String),
  nothing: Schema.Void,
  json: Schema.Json
} satisfies { readonly [name: string]: Schema.ConstraintCodec<unknown, unknown> }

const checkOf = (payload: Schema.ConstraintCodec<unknown, unknown>): PayloadCheck.PayloadCheck => {
  const check = PayloadCheck.make(TaskInfo.schemaOf(TaskInfo.of(Task.make("T", { payload })))!)
  if (check === undefined) return assert.fail("the schema was not understood")
  return check
}

describe("the check of a payload by its published schema", () => {
  for (const [name, payload] of Object.entries(payloads)) {
    it.effect(`lets everything pass that the task itself writes: ${name}`, () =>
      Effect.gen(function*() {
        const { definition } = Task.make("T", { payload })
        const check = checkOf(payload)
        const samples = yield* Arbitrary.sampleEffect(Arbitrary.schema(payload), { count: 100 })
        for (const sample of samples) {
          const text = Result.getOrThrow(definition.encodePayload(sample))
          assert.deepStrictEqual(check(JSON.parse(text)), [], text)
        }
      }))
  }

  it("says all that is wrong, and where", () => {
    const check = checkOf(Schema.Struct({
      to: Schema.Array(Schema.String),
      size: Schema.Struct({ width: Schema.Int, height: Schema.Int }),
      subject: Schema.String
    }))
    const misfits = check({ to: ["a", 1], size: { width: 1.5, height: 2 } })
    assert.deepStrictEqual(misfits.map(({ path }) => path), [["to", 1], ["size", "width"], ["subject"]])
    assert.strictEqual(misfits[2]?.message, "Missing key")
    assert.deepStrictEqual(check("text").map(({ path }) => path), [[]])
  })

  it("lets further fields pass, as the task does", () => {
    assert.deepStrictEqual(checkOf(Schema.Struct({ a: Schema.Int }))({ a: 1, b: 2 }), [])
  })

  it("is not there for what it can't translate", () => {
    assert.isUndefined(PayloadCheck.make({ type: "string", pattern: "[" }))
    assert.isUndefined(PayloadCheck.make({ $ref: "https://example.org/schema" }))
  })

  it("lets everything pass where the schema allows anything", () => {
    assert.deepStrictEqual(PayloadCheck.make({})?.({ any: ["thing"] }), [])
  })
})

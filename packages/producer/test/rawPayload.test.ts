import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import * as rawPayload from "../src/enqueue/rawPayload.ts"

describe("finding the payload's text", () => {
  it.each([
    [`{"payload":1}`, "1"],
    [`{"payload":1e400,"task":"a"}`, "1e400"],
    [`{"task":"a","payload":12345678901234567890}`, "12345678901234567890"],
    [` {\n "task" : "a" ,\t"payload" : { "b" : [ 1 , {} ] } }\r\n`, `{ "b" : [ 1 , {} ] }`],
    [`{"a":{"payload":1},"b":["payload",2],"payload":"x"}`, `"x"`],
    [`{"payload":1,"payload":2}`, "2"],
    [`{"p\\u0061yload":true}`, "true"],
    [String.raw`{"a":"\\","payload":"\"}","b":"\\\""}`, String.raw`"\"}"`],
    [String.raw`{"x":"\"payload\":1","payload":null}`, "null"],
    [`{"payload":"😀\\ud800"}`, `"😀\\ud800"`],
    [`{"payload":-0.0}`, "-0.0"],
    [`{"payload":[]}`, "[]"]
  ])("of %s it is %s", (text, expected) => {
    JSON.parse(text)
    assert.strictEqual(rawPayload.ofObject(text), expected)
  })

  it.each(["{}", `{"task":"a"}`, "[]", "1", "null", `"payload"`, `{"a":{"payload":1}}`])(
    "of %s there is none",
    (text) => {
      assert.strictEqual(rawPayload.ofObject(text), undefined)
    }
  )

  it("finds one for each element of an array, and none where an element is no object", () => {
    const text = ` [ {"payload":1e400} , 7, "payload", [{"payload":1}], {}, {"a":"]","payload":[ ]} ,null] `
    JSON.parse(text)
    assert.deepStrictEqual(rawPayload.ofArray(text), [
      "1e400",
      undefined,
      undefined,
      undefined,
      undefined,
      "[ ]",
      undefined
    ])
    assert.deepStrictEqual(rawPayload.ofArray(" [ ] "), [])
  })

  const members = Schema.Record(Schema.String, Schema.Json)
  it.prop("agrees with JSON.parse for any object, with or without white space", [
    Arbitrary.schema(members),
    Arbitrary.schema(Schema.Json),
    Arbitrary.schema(Schema.Literals([0, 1, 2]))
  ], ([before, payload, indent]) => {
    const text = JSON.stringify({ ...before, payload, after: before }, null, indent)
    const raw = rawPayload.ofObject(text)
    assert.deepStrictEqual(JSON.parse(raw ?? ""), JSON.parse(text).payload)
    const many = `[${text},${text} , 1]`
    assert.deepStrictEqual(rawPayload.ofArray(many), [raw, raw, undefined])
  }, { arbitrary: { runs: 200 } })

  it("takes time in proportion to a text of backslashes and quotes", () => {
    const text = JSON.stringify({ a: "\\\"".repeat(200_000), payload: 1 })
    const start = performance.now()
    assert.strictEqual(rawPayload.ofObject(text), "1")
    assert.isBelow(performance.now() - start, 1000)
  })
})

/** Conformance: progress. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import type { LeaseRef } from "../../broker/Lease.ts"
import { settle } from "../JobFactory.ts"
import type { Kit, Suite } from "./Kit.ts"

const tell = (kit: Kit, lease: LeaseRef, progress: string) =>
  Broker.use((broker) => broker.progress(kit.queue, lease, progress))

export const progressCases = ({ test }: Suite): void => {
  test("keeps the last progress, also after the job has ended", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      assert.strictEqual((yield* kit.job(claimed.id)).progress, undefined)
      assert.strictEqual(yield* tell(kit, claimed, "{\"sent\":1}"), "settled")
      assert.strictEqual(yield* tell(kit, claimed, "{\"sent\":2.50,\"by\":[]}"), "settled")
      assert.strictEqual((yield* kit.job(claimed.id)).progress, "{\"sent\":2.50,\"by\":[]}")
      yield* kit.settle(settle.complete(claimed))
      assert.strictEqual((yield* kit.job(claimed.id)).progress, "{\"sent\":2.50,\"by\":[]}")
    }))

  test("keeps progress from one attempt to the next", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* tell(kit, claimed, "1")
      yield* kit.settle(settle.retry(claimed, 0))
      assert.strictEqual((yield* kit.job((yield* kit.claimOne()).id)).progress, "1")
    }))

  test("takes none from a lost lease", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* tell(kit, claimed, "1")
      assert.strictEqual(yield* tell(kit, { ...claimed, token: "x" }, "2"), "lost")
      yield* TestClock.adjust(30_000)
      assert.strictEqual(yield* tell(kit, claimed, "3"), "lost")
      assert.strictEqual((yield* kit.job(claimed.id)).progress, "1")
    }))

  test("goes with the job", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "a" })
      const claimed = yield* kit.claimOne()
      yield* tell(kit, claimed, "1")
      yield* kit.settle(settle.complete(claimed, 0))
      assert.strictEqual(yield* kit.enqueueOne({ id: "a" }), id)
      assert.strictEqual((yield* kit.job(id)).progress, undefined)
    }))
}

/**
 * `npm run demo -- --processes`: two programs on one Redis, and the whole input over HTTP. Whatever happens to it, nothing
 * that it started is left behind.
 */
import { Redis } from "ioredis"
import { assert, describe, inject, it } from "vitest"
import { eventually } from "../producer/support/ProducerProcess.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { isAlive, startDemo } from "./support/Demo.ts"

/** Many at once, so that a run takes seconds. */
const fast = ["--concurrency", "80"]

const keysOf = async (run: string): Promise<number> => {
  const redis = new Redis(inject("redisUrl"))
  try {
    return (await redis.keys(`*sluice-demo-${run}:*`)).length
  } finally {
    redis.disconnect()
  }
}

const isTaken = (url: string): Promise<boolean> => {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on("error", () => {})
  return redis.connect().then(() => true, () => false).finally(() => redis.disconnect())
}

describe("the demo in processes", () => {
  it("brings every payload through both programs, byte for byte, and cleans up", { timeout: 120_000 }, async () => {
    const demo = startDemo(fast)
    const [, redis = ""] = await demo.printed(/jobs in Redis at ([\d.:]+)/)
    const { consumer, producer } = await demo.programs()
    const { code, output } = await demo.ended
    assert.strictEqual(code, 0, output)
    assert.match(output, /Sent 85 deliveries by single POSTs with an Idempotency-Key and 244 as lines of NDJSON/)
    assert.match(output, /329\/329 {2}324 delivered, 0 waiting, 0 running, 0 to try again, 5 dead/)
    assert.match(output, /completed +324\n +dead +5\n/)
    // of both kinds of handlers
    assert.match(output, /ServerError: the endpoint answered 500 +\d+\n/)
    assert.match(output, /DeliveryFailed: answered 500 +\d+\n/)
    assert.match(output, /queue wait \(to the first attempt\) +\d.*\n +run time \(of an attempt\) +\d/)
    assert.match(output, /release-1 +exhausted +1 +the endpoint answered 410: it is gone for good +DeliverRelease\n/)
    assert.match(output, /member-4 +discarded +1 +answered 410: not to be tried again +webhook\/member\n/)
    assert.match(output, /329 payloads \(3\.3 MB\) were sent: 329 arrived byte for byte, 5 of them refused/)
    assert.isFalse(isAlive(producer) || isAlive(consumer))
    assert.isFalse(await isTaken(`redis://${redis}`))
  })

  it("stops both programs and deletes its keys on Ctrl-C", { timeout: 120_000 }, async () => {
    const run = uniquePrefix("stop")
    const demo = startDemo(["--redis", inject("redisUrl"), "--run", run, "--concurrency", "5"])
    const { consumer, producer } = await demo.programs()
    await demo.printed(/[1-9]\d* delivered/)
    assert.isAbove(await keysOf(run), 0)
    demo.signal("SIGINT")
    const { code, output } = await demo.ended
    assert.strictEqual(code, 130, output)
    assert.include(output, "Stopped. The jobs of this run are gone.")
    assert.isFalse(isAlive(producer) || isAlive(consumer))
    assert.strictEqual(await keysOf(run), 0)
  })

  it(
    "takes its programs along when it is killed, and a run of the same name goes on",
    { timeout: 120_000 },
    async () => {
      const args = ["--redis", inject("redisUrl"), "--run", uniquePrefix("kill"), ...fast]
      const demo = startDemo([...args, "--keep"])
      const { consumer, producer } = await demo.programs()
      await demo.printed(/[1-9]\d* delivered/)
      demo.signal("SIGKILL")
      await demo.ended
      await eventually(async () => isAlive(producer) || isAlive(consumer), (isLeft) => !isLeft)
      const { code, output } = await startDemo(args).ended
      assert.strictEqual(code, 0, output)
      assert.include(output, "; 329 of them were there already.")
      assert.match(output, /329\/329 {2}324 delivered/)
    }
  )

  it.for(["producer", "consumer"] as const)("fails at once when the %s dies", { timeout: 120_000 }, async (name) => {
    const demo = startDemo(["--concurrency", "5"])
    const programs = await demo.programs()
    await demo.printed(/[1-9]\d* delivered/)
    process.kill(programs[name], "SIGKILL")
    const { code, output } = await demo.ended
    assert.strictEqual(code, 1, output)
    assert.include(output, `sluice-${name} ended by itself (SIGKILL); the demo was given up.`)
    assert.notInclude(output, "The promise")
    assert.isFalse(isAlive(programs.producer) || isAlive(programs.consumer))
  })

  it("says what is wrong when there is no Redis to be had", { timeout: 120_000 }, async () => {
    const none = await startDemo([], { SLUICE_REDIS_SERVER: "/does/not/exist" }).ended
    assert.strictEqual(none.code, 1)
    assert.include(none.output, "SLUICE_REDIS_SERVER names /does/not/exist, which does not exist.")
    const away = await startDemo(["--redis", "redis://127.0.0.1:1"]).ended
    assert.strictEqual(away.code, 1)
    assert.match(away.output, /sluice-(producer|consumer) ended by itself \(exit code 1\); the demo was given up\./)
    assert.include(away.output, "could not start")
  })
})

/**
 * The promises of tests/support: the shared server answers, data written to an append-only file survives SIGKILL and a
 * restart on the same port, and no server outlives the process that started it.
 */
import { assert, describe, inject, it } from "@effect/vitest"
import { Redis } from "ioredis"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { startRedisServer } from "../support/RedisServer.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"

const withClient = async <A>(url: string, use: (client: Redis) => Promise<A>): Promise<A> => {
  const client = new Redis(url)
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}

const isRefused = (url: string): Promise<boolean> => {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on("error", () => {})
  return client.connect().then(() => false, () => true).finally(() => client.disconnect())
}

describe("the Redis server for tests", () => {
  it("is there for every test, with key prefixes that nobody shares", async () => {
    const prefix = uniquePrefix()
    assert.notStrictEqual(prefix, uniquePrefix())
    assert.strictEqual(await withClient(inject("redisUrl"), (client) => client.set(`${prefix}:a`, "1")), "OK")
  })

  it("keeps what it acknowledged over SIGKILL and a restart on the same port", async () => {
    const server = await startRedisServer({ appendonly: true })
    try {
      await withClient(server.url, (client) => client.set("kept", "yes"))
      const first = server.pid
      await server.kill()
      assert.isTrue(await isRefused(server.url))
      await server.restart()
      assert.notStrictEqual(server.pid, first)
      assert.strictEqual(await withClient(server.url, (client) => client.get("kept")), "yes")
    } finally {
      await server.stop()
    }
    assert.isTrue(await isRefused(server.url))
  })

  it("ends with the process that started it, even by SIGKILL, and removes its folder", async () => {
    const module = new URL("../support/RedisServer.ts", import.meta.url).href
    const script = `const { startRedisServer } = await import(${JSON.stringify(module)})
      const server = await startRedisServer()
      console.log(server.url)
      process.stdin.resume()`
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    const [line] = await once(parent.stdout, "data")
    const url = String(line).trim()
    const client = new Redis(url)
    const folder = String((await client.config("GET", "dir") as ReadonlyArray<unknown>)[1])
    assert.isTrue(existsSync(folder))
    const closed = once(client, "close")
    client.on("error", () => {})
    parent.kill("SIGKILL")
    await closed
    client.disconnect()
    assert.isTrue(await isRefused(url))
    while (existsSync(folder)) await new Promise((resolve) => setImmediate(resolve))
  })

  it("refuses a directive that Redis does not know, with the end of Redis' log", async () => {
    const failure = await startRedisServer({ config: { "no-such-directive": "1" } }).catch((error: unknown) => error)
    assert.match(String(failure), /did not get ready[^]*no-such-directive/)
  })
})

/**
 * What a producer's process says of itself while Redis is slow, away and back, and how it serves HTTPS.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { startRedisServer } from "../support/RedisServer.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { eventually, run, startProducer } from "./support/ProducerProcess.ts"

it("is not ready while Redis does not answer, and lives; is ready again at once when it does", async () => {
  const redis = await startRedisServer()
  const producer = await startProducer({ SLUICE_REDIS_URL: redis.url, SLUICE_REDIS_DEADLINE: "1 second" })
  const probe = async (name: string) => {
    const answer = await fetch(`${producer.url}/${name}`)
    return { status: answer.status, text: await answer.text() }
  }
  try {
    assert.strictEqual((await probe("startupz")).status, 200)
    // slow without end: connected, and silent
    await redis.kill("SIGSTOP")
    const unready = await eventually(() => probe("readyz"), ({ status }) => status === 503)
    assert.include(unready.text, "urn:sluice:problem:not-ready")
    assert.notMatch(unready.text, /127\.0\.0\.1|redis:|ioredis/)
    const start = performance.now()
    assert.strictEqual((await probe("livez")).status, 200)
    assert.isBelow(performance.now() - start, 1000)
    // it has started, whatever became of Redis since
    assert.strictEqual((await probe("startupz")).status, 200)
    await redis.kill("SIGCONT")
    await eventually(() => probe("readyz"), ({ status }) => status === 200)
    await redis.kill()
    await eventually(() => probe("readyz"), ({ status }) => status === 503)
    assert.strictEqual((await probe("livez")).status, 200)
    await redis.restart()
    await eventually(() => probe("readyz"), ({ status }) => status === 200)
  } finally {
    await redis.kill("SIGCONT")
    producer.signal("SIGKILL")
    await producer.ended
    await redis.stop()
  }
}, 60_000)

describe("HTTPS", () => {
  let folder = ""
  const file = (name: string) => join(folder, name)

  /** A certificate for this machine and its key, made by openssl, which every system with a Redis has. */
  const certify = (name: string) => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    const output = ["-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)]
    const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    execFileSync("openssl", [...options, ...output, ...subject], { stdio: "ignore" })
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-https-"))
    certify("own")
    certify("other")
    writeFileSync(file("none.pem"), "this is no PEM\n")
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const environment = (cert: string, key: string) => ({
    SLUICE_REDIS_URL: inject("redisUrl"),
    SLUICE_PREFIX: uniquePrefix("https"),
    SLUICE_HTTP_PORT: "0",
    SLUICE_TLS_CERT_FILE: file(cert),
    SLUICE_TLS_KEY_FILE: file(key)
  })

  it("is served to who trusts the certificate, and to nobody over an old TLS or without one", async () => {
    const running = run(environment("own.crt", "own.key"))
    try {
      const [, url = ""] = await running.printed(/listening on (https:\/\/[\d.:]+)/)
      const ask = (ca: string, maxVersion: "TLSv1.1" | "TLSv1.3" = "TLSv1.3") =>
        new Promise<string>((resolve) => {
          get(
            `${url}/livez`,
            { ca: readFileSync(file(ca)), maxVersion, minVersion: "TLSv1", agent: false },
            (answer) => {
              answer.setEncoding("utf8").on("data", resolve)
            }
          ).on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        })
      assert.strictEqual(await ask("own.crt"), `{"status":"ok"}`)
      assert.match(await ask("other.crt"), /SELF_SIGNED|UNABLE_TO/)
      assert.match(await ask("own.crt", "TLSv1.1"), /SSL|EPROTO|ECONNRESET/)
      const plain = await fetch(`${url.replace("https", "http")}/livez`).then(({ status }) => status, () => "refused")
      assert.strictEqual(plain, "refused")
    } finally {
      running.signal("SIGKILL")
      await running.ended
    }
  }, 60_000)

  it.for(
    [
      ["a key of another certificate", "own.crt", "other.key", "SLUICE_TLS_KEY_FILE: the key does not belong"],
      ["a certificate that is none", "none.pem", "own.key", "SLUICE_TLS_CERT_FILE: the file holds no certificate"],
      ["a key that is none", "own.crt", "none.pem", "SLUICE_TLS_KEY_FILE: the file holds no private key"]
    ] as const
  )("is refused at start, with exit code 2 and a sentence: %s", { timeout: 30_000 }, async ([, cert, key, told]) => {
    const { code, errors, output } = await run(environment(cert, key)).ended
    assert.strictEqual(code, 2)
    assert.include(errors, told)
    assert.notMatch(errors, /\bat \w+|PRIVATE KEY/)
    assert.strictEqual(output, "")
  })
})

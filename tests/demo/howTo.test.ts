/**
 * docs/how-to/run-the-programs.md does as it says: its files are written, the programs started on them, and its `curl` lines
 * run in one shell, each answered as the page shows.
 */
import { execFile, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { assert, inject, it, onTestFinished } from "vitest"
import { start as startConsumer } from "../consumer/support/ConsumerProcess.ts"
import { withProducer } from "../producer/support/ProducerProcess.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"

const root = join(import.meta.dirname, "../..")
const page = readFileSync(join(root, "docs/how-to/run-the-programs.md"), "utf8")

const fences = [...page.matchAll(/^```(\S+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((
  [, language = "", info = "", text = ""]
) => ({
  kind: `${language}${info}`,
  text
}))
const textsOf = (kind: string) => fences.filter((fence) => fence.kind === kind).map(({ text }) => text)

/** Writes the page's files; inside the repository, so that packages resolve. */
const writeFiles = (): string => {
  const folder = join(root, ".cache", uniquePrefix("how-to"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const text of [...textsOf("ini"), ...textsOf("ts")]) {
    const [, name = ""] = /^(?:#|\/\/) file: (\S+)\n/.exec(text) ?? []
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const mark = "--- next"

it.skipIf(spawnSync("curl", ["--version"]).status !== 0)(
  "the page on both programs shows what they answer (needs curl)",
  { timeout: 120_000 },
  async () => {
    const folder = writeFiles()
    const env = { SLUICE_REDIS_URL: inject("redisUrl"), SLUICE_PREFIX: uniquePrefix("how-to") }
    const consumer = startConsumer(env, [], folder)
    await consumer.printed(/"consuming"/)
    await withProducer(env, async (producer) => {
      const script = textsOf("sh run").join(`echo; echo '${mark}'\n`).replaceAll("http://127.0.0.1:7070", producer.url)
      const { stdout } = await promisify(execFile)("bash", ["-euc", script])
      const trimmed = (text: string) => text.trim()
      assert.deepStrictEqual(stdout.split(mark).map(trimmed), textsOf("text answer").map(trimmed))
      producer.signal("SIGTERM")
      assert.strictEqual((await producer.ended).code, 0)
    }, folder)
    consumer.signal("SIGTERM")
    assert.strictEqual((await consumer.ended).code, 0)
  }
)

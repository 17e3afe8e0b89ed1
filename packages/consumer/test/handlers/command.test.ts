import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Schedule } from "effect"
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import * as CommandHandler from "../../src/handlers/CommandHandler.ts"
import { attempts, discarded, failedWith } from "../support/Attempt.ts"

const sh = (script: string) => ["/bin/sh", "-c", script]

/** Runs a command once, on a payload. */
const run = Effect.fnUntraced(function*(
  argv: ReadonlyArray<string>,
  payload = "{}",
  command: Partial<CommandHandler.Command> = {},
  options: Partial<CommandHandler.Options> = {}
) {
  const environment = { PATH: process.env["PATH"] ?? "" }
  const one = yield* attempts(
    CommandHandler.make({ commands: { resize: { argv, ...command } }, environment, ...options })
  )
  return yield* one("resize", payload)
})

const failed = failedWith(CommandHandler.CommandFailed)

/** A folder, and what tells when a file is in it. */
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "sluice-command-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const written = (name: string) =>
    Effect.promise(() =>
      new Promise<string>((resolve) => {
        const look = () => {
          const text = Exit.getSuccess(Effect.runSyncExit(Effect.try(() => readFileSync(join(path, name), "utf8"))))
          if (text._tag === "Some" && text.value !== "") {
            watcher.close()
            resolve(text.value)
          }
        }
        const watcher = watch(path, look)
        look()
      })
    )
  return { path, written }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // a zombie that nobody has waited for yet is dead
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Passes when a process that was killed is gone. The kernel tells only its parent, so this looks; a busy machine is slow. */
const dies = (pid: number) =>
  Effect.suspend(() => isAlive(pid) ? Effect.fail("it lives") : Effect.void).pipe(
    Effect.retry(Schedule.upTo(Schedule.spaced("5 millis"), { duration: "10 seconds" }))
  )

describe("a command", () => {
  it.live("gets the payload on its standard input, byte for byte, and its output is kept", () =>
    Effect.gen(function*() {
      const payload = `{ "big": 12345678901234567890, "text": "\u00e9\u{1f680}$(id)" }`
      assert.deepStrictEqual(yield* run(["cat"], payload), { code: 0, output: payload, truncated: false })
    }))

  it.live("takes its arguments as they are: no shell reads them", () =>
    Effect.gen(function*() {
      const odd = ["$(id)", "; rm -rf x", "`id`", "a b", "*", "$HOME", "'", "\"", ""]
      const success = yield* run(["printf", "<%s>", ...odd])
      assert.deepStrictEqual(success, { code: 0, output: odd.map((one) => `<${one}>`).join(""), truncated: false })
    }))

  it.live("sees what job it runs for, and nothing of our own environment", () =>
    Effect.gen(function*() {
      const script =
        "echo $SLUICE_JOB_ID $SLUICE_JOB_TASK $SLUICE_JOB_QUEUE $SLUICE_JOB_ATTEMPT/$SLUICE_JOB_ATTEMPTS; " +
        "echo $MODE; env | grep -c VITEST"
      const success = yield* run(sh(`${script}; true`), "{}", { environment: { MODE: "fast" } })
      assert.deepStrictEqual(success, { code: 0, output: "0:job-1 resize default 1/10\nfast\n0\n", truncated: false })
    }))

  it.live("runs where it is told to", () =>
    Effect.gen(function*() {
      const { path } = folder()
      assert.deepStrictEqual(yield* run(["pwd"], "{}", { directory: path }), {
        code: 0,
        output: `${path}\n`,
        truncated: false
      })
    }))

  it.live("need not read its input", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* run(["true"], "x".repeat(1_000_000)), { code: 0, output: "", truncated: false })
    }))

  it.live("may write as much as it likes; the beginning is kept", () =>
    Effect.gen(function*() {
      const success = yield* run(sh("yes | head -c 5000000"), "{}", {}, { maxOutputBytes: 10 })
      assert.deepStrictEqual(success, { code: 0, output: "y\ny\ny\ny\ny\n", truncated: true })
    }))
})

describe("the end of a command", () => {
  it.live("with another code is a failure that shows its last words", () =>
    Effect.gen(function*() {
      const error = yield* failed(run(sh("echo first >&2; echo the disk is full >&2; exit 3")))
      assert.deepStrictEqual([error.code, error.message], [3, "exit code 3: first\nthe disk is full"])
    }))

  it.live("by a signal is a failure", () =>
    Effect.gen(function*() {
      const error = yield* failed(run(sh("kill -SEGV $$")))
      assert.deepStrictEqual([error.code, error.signal, error.message], [undefined, "SIGSEGV", "ended by SIGSEGV"])
    }))

  it.live("with 65 ends the job for good", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* discarded(run(sh("echo no image >&2; exit 65"))), "exit code 65: no image")
    }))

  it.live("means what the configuration says", () =>
    Effect.gen(function*() {
      const command = { success: [0, 3], discard: [4] }
      assert.deepStrictEqual(yield* run(sh("exit 3"), "{}", command), { code: 3, output: "", truncated: false })
      assert.strictEqual(yield* discarded(run(sh("exit 4"), "{}", command)), "exit code 4")
      assert.strictEqual((yield* failed(run(sh("exit 65"), "{}", command))).code, 65)
    }))

  it.live("that never began is a failure", () =>
    Effect.gen(function*() {
      const error = yield* failed(run(["no-such-program-anywhere"]))
      assert.match(error.message, /^not started: spawn no-such-program-anywhere ENOENT/)
      assert.match((yield* failed(run(["true"], "{}", { directory: "/no/such/folder" }))).message, /^not started: /)
    }))

  it.live("takes along what it left running, and waits for nobody", () =>
    Effect.gen(function*() {
      const success = yield* run(sh("sleep 60 & echo $!"))
      const pid = Number((success as { readonly output: string }).output)
      assert.isAbove(pid, 0)
      yield* dies(pid)
    }))

  it.live("comes with an interruption, for its whole group", () =>
    Effect.gen(function*() {
      const { path, written } = folder()
      const script = `trap 'echo asked > ${path}/asked; exit 0' TERM; sleep 60 & echo $! > ${path}/pid; wait`
      const fiber = yield* Effect.forkChild(run(sh(script)))
      const pid = Number(yield* written("pid"))
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* written("asked"), "asked\n")
      yield* dies(pid)
    }))

  it.live("is by force when it does not listen", () =>
    Effect.gen(function*() {
      const { path, written } = folder()
      writeFileSync(join(path, "stubborn.sh"), `trap '' TERM; echo $$ > ${path}/pid; while :; do sleep 1; done`)
      const fiber = yield* Effect.forkChild(
        run(["/bin/sh", join(path, "stubborn.sh")], "{}", {}, { killAfter: "50 millis" })
      )
      const pid = Number(yield* written("pid"))
      yield* Fiber.interrupt(fiber)
      yield* dies(pid)
    }))
})

describe("the options", () => {
  it.each([
    [{ commands: { a: { argv: [] } } }, /argv of command "a"/],
    [{ commands: { a: { argv: ["x"], success: [256] } } }, /success of command "a"/],
    [{ commands: { a: { argv: ["x"], discard: [0.5] } } }, /discard of command "a"/],
    [{ commands: { a: { argv: ["x"], timeout: "2 days" } } }, /timeout of command "a"/],
    [{ commands: { a: { argv: ["x"] } }, killAfter: "1 minute" }, /killAfter/],
    [{ commands: { a: { argv: ["x"] } }, maxOutputBytes: 1e9 }, /maxOutputBytes/],
    [{ commands: { "a b": { argv: ["x"] } } }, /no task name/]
  ] as ReadonlyArray<[CommandHandler.Options, RegExp]>)(
    "that are out of range are refused by name: %j",
    (options, expected) => {
      assert.throws(() => CommandHandler.make(options), expected)
    }
  )

  it("give each task its time limit, and no task that they don't name", () => {
    const { tasks } = CommandHandler.make({
      commands: { a: { argv: ["x"] }, b: { argv: ["x"], timeout: "1 second" } },
      timeout: "1 minute"
    })
    assert.deepStrictEqual(tasks.map(({ _tag, definition }) => [_tag, definition.timeoutMs]), [["a", 60_000], [
      "b",
      1000
    ]])
  })
})

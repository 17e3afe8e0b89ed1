#!/usr/bin/env node
/**
 * The entry of `sluice-consumer`: runs the program, and turns its end into an exit code that Kubernetes can read.
 *
 * 0: stopped by a signal with all jobs finished, or done. 1: it could not start, or failed. 2: it was called or set up
 * wrongly, or disagrees with Redis about partitions; nothing was claimed. 3: stopped, but jobs were given back unfinished
 * or could not be settled; none is lost. The first SIGTERM or SIGINT lets handlers finish, the second interrupts them, a
 * third ends the process at once.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { PartitionMismatch } from "@sluice/core/BrokerError"
import { InvalidSettings } from "@sluice/core/program"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Teardown } from "effect/Runtime"
import { readFileSync } from "node:fs"
import process from "node:process"
import { Drain } from "./runtime/Drain.ts"
import { program } from "./runtime/program.ts"

const drain = new Drain()

const exitCode = (cause: Cause.Cause<unknown>): number => {
  if (Cause.hasInterruptsOnly(cause)) return drain.wasCutShort() ? 3 : 0
  const error = Cause.squash(cause)
  return error instanceof InvalidSettings || error instanceof PartitionMismatch ? 2 : 1
}

const teardown: Teardown = (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : exitCode(exit.cause))

let signals = 0
for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15]] as const) {
  process.on(signal, () => {
    signals++
    if (signals === 2) drain.hurryUp()
    if (signals > 2) process.exit(128 + number)
  })
}

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

program({
  args: process.argv.slice(2),
  folder: process.cwd(),
  // what programs that we run may be given of it; the settings have their own way
  environment: process.env,
  version: manifest.version,
  drain
}).pipe(
  Effect.tapError((error) => error instanceof InvalidSettings ? Console.error(error.message) : Effect.void),
  Effect.tapDefect((defect) => Console.error(defect)),
  NodeRuntime.runMain({ teardown, disableErrorReporting: true })
)

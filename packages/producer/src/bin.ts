#!/usr/bin/env node
/**
 * The entry of `sluice-producer`: runs the program and turns its end into an exit code.
 *
 * 0: stopped by a signal, or done. 1: it could not start, or failed. 2: it was called or set up wrongly; nothing was
 * started. 130, 143: a second signal ended it at once. The first SIGTERM or SIGINT lets it finish what it has begun.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { InvalidSettings } from "@sluice/core/program"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Teardown } from "effect/Runtime"
import { readFileSync } from "node:fs"
import process from "node:process"
import { program } from "./node/program.ts"

const exitCode = (cause: Cause.Cause<unknown>): number => {
  if (Cause.hasInterruptsOnly(cause)) return 0
  return Cause.squash(cause) instanceof InvalidSettings ? 2 : 1
}

const teardown: Teardown = (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : exitCode(exit.cause))

let signals = 0
for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15]] as const) {
  process.on(signal, () => {
    if (++signals > 1) process.exit(128 + number)
  })
}

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

program(process.argv.slice(2), manifest.version).pipe(
  Effect.tapError((error) => error instanceof InvalidSettings ? Console.error(error.message) : Effect.void),
  Effect.tapDefect((defect) => Console.error(defect)),
  NodeRuntime.runMain({ teardown, disableErrorReporting: true })
)

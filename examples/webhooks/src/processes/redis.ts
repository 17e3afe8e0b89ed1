/**
 * The Redis of a run in processes: the one that is named, or one of our own for as long as the scope is open.
 *
 * Our own is a redis-server or valkey-server from the PATH, on a free port, with nothing kept on disk. Where there is none it
 * is installed if that can be done (Debian as root); else the failure says what to install.
 */
import { Data, Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startRedisServer } from "../../../../tests/support/RedisServer.ts"

/** There is no Redis to be had. */
export class NoRedis extends Data.TaggedError("NoRedis")<{ readonly message: string }> {}

const ours = Effect.tryPromise({
  try: () => startRedisServer(),
  catch: (cause) => new NoRedis({ message: cause instanceof Error ? cause.message : String(cause) })
})

/** An empty folder, deleted when the scope closes. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "sluice-demo-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** The URL. */
export const redisUrl = (given: string | undefined) =>
  given === undefined
    ? Effect.map(Effect.acquireRelease(ours, ({ stop }) => Effect.promise(stop)), ({ url }) => url)
    : Effect.succeed(given)

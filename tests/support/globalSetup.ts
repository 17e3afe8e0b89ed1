/**
 * What vitest runs once before and after the projects that need Redis: one server for all of a project's test files.
 * Tests ask for its address with `inject("redisUrl")` and keep apart by their key prefixes (uniquePrefix), so they may
 * run at the same time. A test that stops, floods or reconfigures Redis starts a server of its own (RedisServer).
 */
import type { TestProject } from "vitest/node"
import { startRedisServer } from "./RedisServer.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** The address of the shared server, as `redis://127.0.0.1:<port>`. */
    readonly redisUrl: string
  }
}

export default async function setup(project: TestProject) {
  const server = await startRedisServer()
  project.provide("redisUrl", server.url)
  return server.stop
}

/**
 * Who may import what: one row for each folder, with the reason that the message gives.
 * The import check reads it; a person who wants to move a border changes it here and in docs/explanation/layers.md.
 * Everything points at the pure centre (core/job); nobody imports the command line, tests or examples.
 * The rows are tried in order, the first whose folder holds the file counts.
 */

/** A folder (or file) of the repository and what its files may import besides each other. */
export interface Layer {
  /** Path from the root; a file's layer is the first whose path it starts with. */
  readonly path: string
  /** Folders or files of the same package. */
  readonly folders: ReadonlyArray<string>
  /** Packages, with all their subpaths. */
  readonly packages: ReadonlyArray<string>
  /** Why, as the end of the message. */
  readonly because: string
}

const core = "packages/core/src"

/** The table, most specific rows first. */
export const layers: ReadonlyArray<Layer> = [
  {
    path: `${core}/index.ts`,
    folders: [
      `${core}/job`,
      `${core}/task`,
      `${core}/broker`,
      `${core}/maintenance`,
      `${core}/observability`
    ],
    packages: [],
    because: "the barrel must stay cheap to load: RedisBroker and testing have subpaths of their own"
  },
  {
    path: `${core}/job`,
    folders: [],
    packages: ["effect"],
    because: "what a job is, is the pure centre: anything may import it, so it imports nothing of ours and does no I/O"
  },
  {
    path: `${core}/task`,
    folders: [`${core}/job`, `${core}/observability`, `${core}/broker/Broker.ts`],
    packages: ["effect"],
    because: "a task is shared by those who enqueue and those who run: it knows the Broker key, never a broker"
  },
  {
    path: `${core}/observability`,
    folders: [`${core}/job`],
    packages: ["effect"],
    because: "metrics and spans, their names and how to record them, are for every layer; exporters are in telemetry"
  },
  {
    path: `${core}/broker/memory`,
    folders: [`${core}/broker`, `${core}/task`, `${core}/job`, `${core}/observability`],
    packages: ["effect"],
    because: "the memory broker is the specification: it may not lean on Redis, nor Redis on it"
  },
  {
    path: `${core}/broker/redis`,
    folders: [`${core}/broker`, `${core}/task`, `${core}/job`, `${core}/observability`],
    packages: ["effect", "ioredis", "node:crypto"],
    because: "only the Redis broker may load a Redis client, and it does not share code with the memory broker"
  },
  {
    path: `${core}/broker`,
    folders: [`${core}/task`, `${core}/job`, `${core}/observability`],
    packages: ["effect"],
    because: "the port may not know its implementations, HTTP, or a Redis client"
  },
  {
    path: `${core}/maintenance`,
    folders: [`${core}/broker`, `${core}/task`, `${core}/job`, `${core}/observability`],
    packages: ["effect"],
    because: "maintenance runs on any broker, so it may not know a concrete one"
  },
  {
    path: `${core}/api`,
    folders: [`${core}/task`, `${core}/job`],
    packages: ["effect"],
    because: "the HTTP definitions are shared with clients, which have no broker"
  },
  {
    path: `${core}/program`,
    folders: [`${core}/job`, `${core}/api/Values.ts`],
    packages: ["effect"],
    because: "what the programs share is settings and starting up: it may not know a broker, nor a platform"
  },
  {
    path: `${core}/telemetry`,
    folders: [
      `${core}/job`,
      `${core}/task`,
      `${core}/broker/Inspector.ts`,
      `${core}/observability`,
      `${core}/program`
    ],
    packages: ["effect"],
    because: "exporters and pages are for programs: nothing else of the core loads them, and they know no broker"
  },
  {
    path: `${core}/testing`,
    folders: [core],
    packages: ["effect", "@effect/vitest", "vitest", "node:crypto", "node:util"],
    because: "the test kit may use all of core, and the test runner"
  },
  {
    path: "packages/consumer/src/handlers",
    folders: [],
    packages: [
      "effect",
      "@sluice/core",
      "node:child_process",
      "node:crypto",
      "node:dns",
      "node:http",
      "node:https",
      "node:net"
    ],
    because: "a built-in handler is a handler like any other: it may know Node, and nothing of the engine that runs it"
  },
  ...["bin.ts", "runtime"].map((entry) => ({
    path: `packages/consumer/src/${entry}`,
    folders: ["packages/consumer/src"],
    packages: [
      "effect",
      "@effect/platform-node",
      "@sluice/core",
      "node:fs",
      "node:http",
      "node:module",
      "node:path",
      "node:process",
      "node:url"
    ],
    because: "the consumer's program is its entry point: the one place of it that knows a platform"
  })),
  {
    path: "packages/consumer/src",
    folders: ["packages/consumer/src/handlers"],
    packages: ["effect", "@sluice/core", "node:os", "node:process"],
    because: "the consumer takes jobs from any broker: it may not know the producer, nor a platform"
  },
  ...["bin.ts", "node"].map((entry) => ({
    path: `packages/producer/src/${entry}`,
    folders: ["packages/producer/src"],
    packages: [
      "effect",
      "@effect/platform-node",
      "@sluice/core",
      "node:fs",
      "node:http",
      "node:https",
      "node:process",
      "node:stream",
      "node:tls"
    ],
    because: "the producer's program is its entry point: the one place of it that knows Node"
  })),
  {
    path: "packages/producer/src",
    folders: [],
    packages: ["effect", "@sluice/core"],
    because: "the producer puts jobs into any broker: it may not know the consumer, nor a platform"
  },
  {
    path: "packages/cli/src",
    folders: [],
    packages: ["effect", "@effect/platform-node", "@sluice/core", "@sluice/producer", "@sluice/consumer"],
    because: "the command line is the composition root: it may import every package"
  }
]

/** Folders that only their siblings may enter, although a wider folder is allowed. */
export const closed: ReadonlyArray<{ readonly path: string; readonly except: ReadonlyArray<string> }> = [
  { path: `${core}/broker/memory`, except: [`${core}/index.ts`, `${core}/testing`] },
  { path: `${core}/broker/redis`, except: [`${core}/testing`] },
  { path: `${core}/testing`, except: [] }
]

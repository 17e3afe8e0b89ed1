/**
 * What the endpoints of the registry do: each asks the broker's registry, and makes a document of the answer.
 */
import { Api, Problems, type RegistryDocument, Values } from "@sluice/core/api"
import { type LiveConsumer, Registry } from "@sluice/core/Registry"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Option from "effect/Option"
import { withProblem } from "../http/brokerProblem.ts"

const document = ({ seenAtMs, startedAtMs, version, ...same }: LiveConsumer): RegistryDocument.ConsumerDocument => ({
  ...same,
  ...(version === undefined ? {} : { version }),
  startedAt: Values.timestamp(startedAtMs),
  seenAt: Values.timestamp(seenAtMs)
})

const consumers = Effect.gen(function*() {
  const live = yield* withProblem((yield* Registry).consumers)
  return { consumers: live.map(document) }
})

const tasks = Effect.gen(function*() {
  const infos = yield* withProblem((yield* Registry).tasks)
  return {
    tasks: infos.map(({ queue, schemas, task, version }) => ({
      task,
      queue,
      version,
      versions: schemas.map((schema) => schema.version)
    }))
  }
})

const notPublished = (task: string) =>
  new Problems.TaskNotFound({
    task,
    detail: `No consumer has published a task "${task}". It may be enqueued all the same; its payload is not checked.`
  })

const task = Effect.fnUntraced(function*(name: string) {
  const found = yield* withProblem((yield* Registry).task(name))
  return Option.isNone(found) ? yield* notPublished(name) : found.value
})

/** The handlers of the registry's endpoints. */
export const layer = HttpApiBuilder.group(Api, "registry", (handlers) =>
  handlers
    .handle("consumers", () => consumers)
    .handle("tasks", () => tasks)
    .handle("task", ({ params }) => task(params.task)))

/**
 * The endpoints of the registry: which consumers there are, and which tasks they have published.
 *
 * Definitions only. Consumers publish by the broker, never by HTTP.
 */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import { Access, needs, Validation } from "./Access.ts"
import * as Problems from "./Problems.ts"
import { ConsumerList, TaskDocument, TaskList } from "./RegistryDocument.ts"
import { Name } from "./Values.ts"

const consumers = HttpApiEndpoint.get("consumers", "/consumers", {
  success: ConsumerList,
  error: Problems.broker
}).annotateMerge(needs("read", "List the consumers", "Those that were heard of within the last minute, by name."))

const tasks = HttpApiEndpoint.get("tasks", "/tasks", {
  success: TaskList,
  error: Problems.broker
}).annotateMerge(needs("read", "List the tasks", "All that consumers ever published, by name, without their schemas."))

const task = HttpApiEndpoint.get("task", "/tasks/:task", {
  params: { task: Name },
  success: TaskDocument,
  error: [Problems.TaskNotFound, ...Problems.broker]
}).annotateMerge(needs(
  "read",
  "Look at one task",
  "With the JSON Schema of each version of its payload, and of what it answers or fails with."
))

/** The endpoints of the registry. */
export class RegistryGroup extends HttpApiGroup.make("registry")
  .add(consumers, tasks, task)
  .middleware(Access)
  .middleware(Validation)
  .prefix("/v1")
{}

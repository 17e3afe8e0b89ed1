import { assert, describe, it } from "@effect/vitest"
import { Task } from "@sluice/core"
import { Result } from "effect"
import { type Given, plan, queueList } from "../../src/runtime/queues.ts"

class Send extends Task.make("Send", { queue: "emails" }) {}
class Resize extends Task.make("Resize", { queue: "images" }) {}
class Clean extends Task.make("Clean") {}
class Http extends Task.make("http") {}

const planned = (given: Partial<Given>) => {
  const result = plan({ own: [], builtIn: [], asked: undefined, concurrency: 10, ...given })
  if (Result.isFailure(result)) return result.failure
  const { leftOut, queues, tasks } = result.success
  return {
    tasks: tasks.map(({ _tag, queue }) => `${queue.name}/${_tag}`),
    queues: Object.fromEntries(Object.entries(queues).map(([name, { concurrency }]) => [name, concurrency])),
    leftOut: leftOut.map(({ _tag }) => _tag)
  }
}

const read = (text: string) => {
  const result = queueList.optional("SLUICE_QUEUES", "").read(text)
  return Result.isSuccess(result) ? result.success : result.failure
}

describe("the list of queues", () => {
  it("has names, with their concurrency where it is written", () => {
    assert.deepStrictEqual(read("emails:50, default ,tenant:a:7"), [
      { name: "emails", concurrency: 50 },
      { name: "default", concurrency: undefined },
      { name: "tenant:a", concurrency: 7 }
    ])
  })

  it.each([
    ["emails:0", "entry 1: expected queue:concurrency, with 1 to 10000"],
    ["default,emails:10001", "entry 2: expected queue:concurrency, with 1 to 10000"],
    ["two words", "entry 1: expected queue:concurrency, with 1 to 10000"],
    ["a,b:1,a:2", "a queue is named twice"],
    [",", "expected at least one queue"]
  ])("is refused: %s", (text, expected) => assert.strictEqual(read(text), expected))
})

describe("the plan of what runs where", () => {
  it("is all of the tasks' queues, when none are named", () => {
    assert.deepStrictEqual(planned({ own: [Send, Resize, Clean] }), {
      tasks: ["emails/Send", "images/Resize", "default/Clean"],
      queues: { emails: 10, images: 10, default: 10 },
      leftOut: []
    })
  })

  it("is only the queues that are named, and says which tasks are left to others", () => {
    const asked = [{ name: "emails", concurrency: 50 }, { name: "default", concurrency: undefined }]
    assert.deepStrictEqual(planned({ own: [Send, Resize, Clean], asked }), {
      tasks: ["emails/Send", "default/Clean"],
      queues: { emails: 50, default: 10 },
      leftOut: ["Resize"]
    })
  })

  it("has handlers without code in every queue, and in the default one when none are named", () => {
    assert.deepStrictEqual(planned({ builtIn: [Http] }), {
      tasks: ["default/http"],
      queues: { default: 10 },
      leftOut: []
    })
    assert.deepStrictEqual(planned({ own: [Send], builtIn: [Http] }), {
      tasks: ["emails/Send", "emails/http", "default/http"],
      queues: { emails: 10, default: 10 },
      leftOut: []
    })
    const asked = [{ name: "hooks", concurrency: 3 }]
    assert.deepStrictEqual(planned({ builtIn: [Http], asked }), {
      tasks: ["hooks/http"],
      queues: { hooks: 3 },
      leftOut: []
    })
  })

  it("needs something to run", () => {
    assert.deepStrictEqual(planned({}), [
      "SLUICE_HANDLERS: there is nothing to run; set it, or SLUICE_HTTP_TARGETS, SLUICE_HTTP_ALLOW or SLUICE_COMMANDS"
    ])
  })

  it("needs a task for each queue that is named", () => {
    assert.deepStrictEqual(planned({ own: [Send, Clean], asked: [{ name: "emials", concurrency: 1 }] }), [
      "SLUICE_QUEUES: no task belongs to queue \"emials\"; the tasks' queues are emails, default"
    ])
  })

  it("needs one handler for each task", () => {
    class Mine extends Task.make("http") {}
    assert.deepStrictEqual(planned({ own: [Mine], builtIn: [Http] }), [
      "SLUICE_HANDLERS, SLUICE_HTTP_TARGETS, SLUICE_HTTP_TASK, SLUICE_COMMANDS: task \"http\" has more than one handler"
    ])
  })
})

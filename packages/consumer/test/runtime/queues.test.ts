import { assert, describe, it } from "@effect/vitest"
import { Task } from "@sluice/core"
import { Result } from "effect"
import { type AskedQueue, type Given, plan, queueList } from "../../src/runtime/queues.ts"

class Send extends Task.make("Send", { queue: "emails" }) {}
class Resize extends Task.make("Resize", { queue: "images" }) {}
class Clean extends Task.make("Clean") {}
class Http extends Task.make("http") {}

const planned = (given: Partial<Given>) => {
  const result = plan({ own: [], builtIn: [], asked: undefined, concurrency: undefined, total: undefined, ...given })
  if (Result.isFailure(result)) return result.failure
  const { leftOut, queues, tasks } = result.success
  return {
    tasks: tasks.map(({ _tag, queue }) => `${queue.name}/${_tag}`),
    queues: Object.fromEntries(Object.entries(queues).map(([name, { concurrency }]) => [name, concurrency])),
    leftOut: leftOut.map(({ _tag }) => _tag)
  }
}

const form = "queue[:concurrency][:weight=number][:priority=number]"

const queue = (given: Partial<AskedQueue>): AskedQueue => ({
  name: "",
  concurrency: undefined,
  weight: undefined,
  priority: undefined,
  ...given
})

const read = (text: string) => {
  const result = queueList.optional("SLUICE_QUEUES", "").read(text)
  return Result.isSuccess(result) ? result.success : result.failure
}

describe("the list of queues", () => {
  it("has names, with their concurrency where it is written", () => {
    assert.deepStrictEqual(read("emails:50, default ,tenant:a:7"), [
      queue({ name: "emails", concurrency: 50 }),
      queue({ name: "default" }),
      queue({ name: "tenant:a", concurrency: 7 })
    ])
  })

  it("has weights and priorities where they are written", () => {
    assert.deepStrictEqual(read("a:50:weight=3,tenant:a:7:priority=-1:weight=0.5,b:priority=100"), [
      queue({ name: "a", concurrency: 50, weight: 3 }),
      queue({ name: "tenant:a", concurrency: 7, weight: 0.5, priority: -1 }),
      queue({ name: "b", priority: 100 })
    ])
  })

  it.each([
    ["emails:0", "entry 1: expected a concurrency from 1 to 10000"],
    ["default,emails:10001", "entry 2: expected a concurrency from 1 to 10000"],
    ["two words", `entry 1: expected ${form}`],
    ["a:5:weight=0", "entry 1: expected a weight from 0.01 to 100"],
    ["a:weight=1e9", `entry 1: expected ${form}`],
    ["a:weight=1.2.3", "entry 1: expected a weight from 0.01 to 100"],
    ["a:weight=1:weight=2", `entry 1: expected ${form}, each once`],
    ["a:wait=1", `entry 1: expected ${form}, each once`],
    ["a:weight=", `entry 1: expected ${form}`],
    ["a:priority=0.5", "entry 1: expected a priority that is a whole number from -100 to 100"],
    ["a:priority=-101", "entry 1: expected a priority that is a whole number from -100 to 100"],
    ["a:weight=3:5", `entry 1: expected ${form}`],
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
    const asked = [queue({ name: "emails", concurrency: 50 }), queue({ name: "default" })]
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
    const asked = [queue({ name: "hooks", concurrency: 3 })]
    assert.deepStrictEqual(planned({ builtIn: [Http], asked }), {
      tasks: ["hooks/http"],
      queues: { hooks: 3 },
      leftOut: []
    })
  })

  it("lets each queue have all slots that are shared, where no concurrency is written", () => {
    const asked = [queue({ name: "emails", weight: 3 }), queue({ name: "default", concurrency: 4 })]
    const given = { own: [Send, Clean], asked, total: 20 }
    assert.deepInclude(planned(given), { queues: { emails: 20, default: 4 } })
    assert.deepInclude(planned({ ...given, concurrency: 7 }), { queues: { emails: 7, default: 4 } })
  })

  it("needs slots to share, where queues have weights or priorities", () => {
    const problem = (name: string) =>
      `SLUICE_QUEUES: queue "${name}" has a weight or a priority, but there are no slots to share; set ` +
      "SLUICE_TOTAL_CONCURRENCY"
    const asked = [queue({ name: "emails", weight: 1 }), queue({ name: "default", priority: 0 })]
    assert.deepStrictEqual(planned({ own: [Send, Clean], asked }), [problem("emails"), problem("default")])
  })

  it("needs something to run", () => {
    assert.deepStrictEqual(planned({}), [
      "SLUICE_HANDLERS: there is nothing to run; set it, or SLUICE_HTTP_TARGETS, SLUICE_HTTP_ALLOW or SLUICE_COMMANDS"
    ])
  })

  it("needs a task for each queue that is named", () => {
    assert.deepStrictEqual(planned({ own: [Send, Clean], asked: [queue({ name: "emials", concurrency: 1 })] }), [
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

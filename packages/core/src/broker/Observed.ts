/**
 * Measures the calls of a broker, per queue: how long they took, how they failed, what they carried; and tells of each in
 * the log at level Trace. `Routed` puts it around every broker of ours.
 *
 * It changes no call and no answer, and costs something per call, never per job. Waits (`wakeups`, `awaitVerdict`) are
 * passed on as they are: how long one takes says nothing about a broker.
 */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as References from "effect/References"
import type { BrokerError } from "../job/BrokerError.ts"
import * as Attributes from "../observability/AttributeNames.ts"
import { CallProbe, errorType, type Facts, isTraceLevel } from "../observability/CallProbe.ts"
import { type Counter, type Histogram, Meter } from "../observability/Meter.ts"
import * as MetricNames from "../observability/MetricNames.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import { Broker, type EnqueueAnswer, type Swept } from "./Broker.ts"

type Service = Broker["Service"]
type Answers = ReadonlyArray<EnqueueAnswer>

/** Told of each enqueue by the one who does it: a frame less around the shortest and most frequent call. */
export interface EnqueueObserver {
  /** A call begins. Monotonic nanoseconds. */
  readonly now: () => bigint
  /** A call that began then was answered. What it answers, if anything, is to be run, and gives the answers on. */
  readonly answered: (queue: JobQueue, answers: Answers, from: bigint) => Effect.Effect<Answers> | undefined
  /** A call of so many jobs failed. The answer fails as it did. */
  readonly failed: (
    queue: JobQueue,
    count: number,
    cause: Cause.Cause<BrokerError>,
    from: bigint
  ) => Effect.Effect<never, BrokerError>
}

/** What is known of one queue's calls, made when first used. */
class QueueCalls {
  private readonly meter: Meter
  private readonly queue: string
  private readonly probes = new Map<string, CallProbe>()
  private readonly sent = new Map<string, Counter>()
  private batches: Histogram | undefined

  constructor(meter: Meter, queue: string) {
    this.meter = meter
    this.queue = queue
  }

  /** `type` is the operation in the convention's words. */
  probe(operation: string, type?: string): CallProbe {
    let probe = this.probes.get(operation)
    if (probe === undefined) {
      const attributes = this.attributes(operation, type)
      probe = new CallProbe(this.meter, MetricNames.operationDuration, attributes, `broker ${operation}`)
      this.probes.set(operation, probe)
    }
    return probe
  }

  /** The broker answered so many jobs. */
  answered(answers: Answers): void {
    this.size().record(answers.length)
    for (let index = 0, count = 0; index < answers.length; index++) {
      count++
      const { answer } = answers[index]!
      if (answer === answers[index + 1]?.answer) continue
      this.sentCounter(Attributes.answer, answer).add(count)
      count = 0
    }
  }

  /** The broker failed to take so many jobs. */
  notSent(count: number, error: string): void {
    this.size().record(count)
    this.sentCounter(Attributes.errorType, error).add(count)
  }

  /** A duty moved jobs. */
  swept(operation: string, count: number): void {
    const attributes = { [Attributes.operationName]: operation, [Attributes.queue]: this.queue }
    this.meter.counter(MetricNames.maintenanceJobs, attributes).add(count)
  }

  private size(): Histogram {
    if (this.batches !== undefined) return this.batches
    // a series that begins with its first failure would show no increase
    this.sentCounter(Attributes.errorType, "BrokerUnavailable")
    const attributes = { [Attributes.operationName]: "enqueue", [Attributes.queue]: this.queue }
    return this.batches = this.meter.histogram(MetricNames.batchSize, attributes)
  }

  private sentCounter(name: string, value: string): Counter {
    let counter = this.sent.get(value)
    if (counter === undefined) {
      const attributes = { ...this.attributes("enqueue", "send"), [name]: value }
      this.sent.set(value, counter = this.meter.counter(MetricNames.sentMessages, attributes))
    }
    return counter
  }

  private attributes(operation: string, type: string | undefined) {
    return {
      [Attributes.system]: "sluice",
      [Attributes.operationName]: operation,
      [Attributes.operationType]: type,
      [Attributes.queue]: this.queue
    }
  }
}

/** The calls of all queues. */
const callsOf = (context: Context.Context<never>): (queue: JobQueue) => QueueCalls => {
  const meter = new Meter(context)
  const queues = new Map<string, QueueCalls>()
  return ({ name }) => {
    const known = queues.get(name)
    if (known !== undefined) return known
    const counted = meter.queue(name)
    const calls = queues.get(counted) ?? new QueueCalls(meter, counted)
    queues.set(counted, calls)
    return calls
  }
}

/** Metrics, log lines and the clock are those of the context. */
export const make = (context: Context.Context<never>): {
  /** A broker, measured but for its `enqueue`. */
  readonly calls: (broker: Service) => Service
  /** Measures `enqueue`. */
  readonly enqueues: EnqueueObserver
} => {
  const calls = callsOf(context)
  return {
    enqueues: observer(context, calls),
    calls: (broker) =>
      Broker.of({
        ...broker,
        ...forConsumers(broker, calls),
        ...forOperators(broker, calls),
        ...forDuties(broker, calls)
      })
  }
}

type Calls = ReturnType<typeof callsOf>
type Verbs<Name extends keyof Service> = Pick<Service, Name>

const observer = (context: Context.Context<never>, calls: Calls): EnqueueObserver => {
  const clock = Context.get(context, Clock.Clock)
  const isTraced = isTraceLevel(Context.get(context, References.MinimumLogLevel))
  const secondsSince = (from: bigint) => Number(clock.monotonicTimeNanosUnsafe() - from) / 1e9
  return {
    now: () => clock.monotonicTimeNanosUnsafe(),
    answered: (queue, answers, from) => {
      const seconds = secondsSince(from)
      const own = calls(queue)
      const probe = own.probe("enqueue", "send")
      probe.took(seconds, undefined)
      own.answered(answers)
      return isTraced
        ? Effect.as(probe.tell(seconds, undefined, { queue: queue.name, jobs: answers.length }), answers)
        : undefined
    },
    failed: (queue, count, cause, from) => {
      const seconds = secondsSince(from)
      const error = errorType(cause)
      const own = calls(queue)
      const probe = own.probe("enqueue", "send")
      probe.took(seconds, error)
      own.notSent(count, error)
      const failure = Effect.failCause(cause)
      return isTraced
        ? Effect.andThen(probe.tell(seconds, error, { queue: queue.name, jobs: count }), failure)
        : failure
    }
  }
}

const forConsumers = (broker: Service, calls: Calls): Verbs<"exchange" | "extend" | "progress"> => ({
  exchange: (request) => {
    const { claim, lane, queue, sequence, settle } = request
    return calls(queue).probe("exchange", "receive").around(broker.exchange(request), (exit) => ({
      queue: queue.name,
      lane,
      sequence,
      settle: settle.length,
      claim,
      ...(Exit.isSuccess(exit) ? { claimed: exit.value.jobs.length, nextDueMs: exit.value.nextDueMs } : {})
    }))
  },
  extend: (queue, leases, leaseMs) =>
    calls(queue).probe("extend").around(
      broker.extend(queue, leases, leaseMs),
      () => ({ queue: queue.name, leases: leases.length, leaseMs })
    ),
  progress: (queue, lease, progress) =>
    calls(queue).probe("progress").around(
      broker.progress(queue, lease, progress),
      () => ({ queue: queue.name, job: lease.id })
    )
})

const forOperators = (
  broker: Service,
  calls: Calls
): Verbs<"cancel" | "retry" | "promoteJobs" | "remove" | "pause" | "resume"> => {
  const probed = <A>(
    operation: string,
    queue: JobQueue,
    call: Effect.Effect<A, BrokerError>,
    facts: Facts = {}
  ) => calls(queue).probe(operation).around(call, () => ({ queue: queue.name, ...facts }))
  return {
    cancel: (queue, ids, reason) => probed("cancel", queue, broker.cancel(queue, ids, reason), { jobs: ids.length }),
    retry: (queue, ids) => probed("retry", queue, broker.retry(queue, ids), { jobs: ids.length }),
    promoteJobs: (queue, ids) => probed("promoteJobs", queue, broker.promoteJobs(queue, ids), { jobs: ids.length }),
    remove: (queue, ids) => probed("remove", queue, broker.remove(queue, ids), { jobs: ids.length }),
    pause: (queue) => probed("pause", queue, broker.pause(queue)),
    resume: (queue) => probed("resume", queue, broker.resume(queue))
  }
}

const forDuties = (broker: Service, calls: Calls): Verbs<"drain" | "promote" | "rescue" | "prune"> => {
  const swept = (operation: string, queue: JobQueue, call: Effect.Effect<Swept, BrokerError>) => {
    const own = calls(queue)
    const counted = Effect.tap(call, ({ count }) => Effect.sync(() => own.swept(operation, count)))
    return own.probe(operation).around(
      counted,
      (exit) => ({ queue: queue.name, ...(Exit.isSuccess(exit) ? { jobs: exit.value.count } : {}) })
    )
  }
  return {
    drain: (queue, limit) => swept("drain", queue, broker.drain(queue, limit)),
    promote: (queue, limit) => swept("promote", queue, broker.promote(queue, limit)),
    rescue: (queue, limit) => swept("rescue", queue, broker.rescue(queue, limit)),
    prune: (queue, limit) => swept("prune", queue, broker.prune(queue, limit))
  }
}

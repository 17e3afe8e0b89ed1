// @effect-diagnostics floatingEffect:off missingEffectError:off missingEffectContext:off missingReturnYieldStar:off
// @effect-diagnostics anyUnknownInErrorContext:off
/**
 * What compiles and what does not: retry policies and their rules. Checked by the compiler alone; nothing here is run.
 */
import { RetryPolicy, Task } from "@sluice/core"
import { Effect, Schedule, Schema } from "effect"
import { assertType, type Equal } from "./Equal.ts"
import { Bounced, RateLimited } from "./example.types.ts"

class SmtpDown extends Schema.TaggedError<SmtpDown>()("SmtpDown", { host: Schema.String }) {}
const error = Schema.Union([Bounced, RateLimited])
const base = RetryPolicy.exponential({ initial: "1 second" })

// a policy can be a shared constant; its rules are part of its type
const shared = base.pipe(
  RetryPolicy.when(Bounced, RetryPolicy.never),
  RetryPolicy.when(RateLimited, ({ retryAfter }) => RetryPolicy.after(retryAfter))
)
assertType<Equal<typeof shared, RetryPolicy.RetryPolicy<"Bounced" | "RateLimited">>>()
Task.make("Shared", { error, retry: shared })
// @ts-expect-error it has a rule for an error that this task does not have
Task.make("Shared", { error: Bounced, retry: shared })
// @ts-expect-error nor does a task that never fails
Task.make("Shared", { retry: shared })
Task.make("Plain", { retry: base })

// rules
Task.make("Rules", { error, retry: base.pipe(RetryPolicy.when(Bounced, RetryPolicy.fixed({ delay: "1 minute" }))) })
Task.make("Rules", { error, retry: base.pipe(RetryPolicy.when("Bounced", RetryPolicy.never)) })
// @ts-expect-error a rule for an error that the task does not have
Task.make("Rules", { error, retry: base.pipe(RetryPolicy.when(SmtpDown, RetryPolicy.never)) })
// @ts-expect-error a misspelt tag
Task.make("Rules", { error, retry: base.pipe(RetryPolicy.when("Bouncd", RetryPolicy.never)) })
// @ts-expect-error the error has no such field
base.pipe(RetryPolicy.when(RateLimited, (failure) => RetryPolicy.after(failure.seconds)))
// @ts-expect-error a rule answers a policy
base.pipe(RetryPolicy.when(RateLimited, (failure) => failure.retryAfter))
// @ts-expect-error by its tag alone, the error's type is not known
base.pipe(RetryPolicy.when("RateLimited", (failure) => RetryPolicy.after(failure.retryAfter)))
// @ts-expect-error a rule has no rules of its own
base.pipe(RetryPolicy.when(Bounced, shared))

// schedules: they may read what the task's errors have
const bySeverity = Schedule.exponential("1 second").pipe(
  Schedule.setInputType<{ readonly _tag: string }>(),
  Schedule.while(({ input }) => Effect.succeed(input._tag !== "Bounced"))
)
Task.make("Scheduled", { error, retry: RetryPolicy.fromSchedule(bySeverity, { attempts: 5 }) })
Task.make("Scheduled", { retry: RetryPolicy.fromSchedule(Schedule.spaced("1 second")) })
const byHost = Schedule.spaced("1 second").pipe(Schedule.setInputType<SmtpDown>())
// @ts-expect-error the schedule reads what the task's errors do not have
Task.make("Scheduled", { error, retry: RetryPolicy.fromSchedule(byHost) })

// options
RetryPolicy.exponential({ initial: 100, factor: undefined, cap: undefined, attempts: undefined, maxAge: undefined })
// @ts-expect-error the first delay is wanted
RetryPolicy.exponential({ attempts: 3 })
// @ts-expect-error a misspelt option
RetryPolicy.fixed({ delay: "1 second", attemps: 3 })

// an app may set its own default, with no rules
export const withDefault = Effect.provideService(Effect.void, RetryPolicy.Default, RetryPolicy.never)

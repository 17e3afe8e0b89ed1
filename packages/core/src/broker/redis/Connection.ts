/**
 * One connection to Redis: sends commands, and sends them again when the connection or the server fails, until a
 * deadline. The store and the subscriber each have one. ioredis is used for its protocol and its reconnecting only.
 *
 * Every call ends: with a reply, or with a typed error within the deadline; connecting counts, too. Commands wait here
 * while there is no connection, never in ioredis, so that nothing is sent after its caller gave up. Deadlines are real
 * time, also under TestClock. Reconnects for ever.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Command, Redis } from "ioredis"
import { BrokerError, BrokerUnavailable } from "../../job/BrokerError.ts"
import * as Failures from "./Failures.ts"
import type { Settings } from "./RedisConfig.ts"
import type { Reply } from "./Reply.ts"
import { RoundTrips } from "./RoundTrips.ts"

/** A command. */
export interface Request {
  /** What is being done, in the glossary's verbs: for errors. */
  readonly operation: string
  readonly name: string
  readonly args: ReadonlyArray<string | number>
  /** The text of the script that `name` EVALSHA and the first argument name: sent where the node does not know it. */
  readonly lua?: string | undefined
}

/** One attempt to do a command failed; `error` is what ioredis says. */
interface CommandFailed {
  readonly _tag: "CommandFailed"
  readonly error: Error
}

/** How long (ms) to wait before the first and the longest reconnect, and before repeating what a server put off. */
const firstReconnectMs = 20
const longestReconnectMs = 2_000
const pauseMs = 50
const closedMessage = "this broker is closed"

const liveClock = Clock.Clock.defaultValue()
const elapsedMs = (): number => Number(liveClock.monotonicTimeNanosUnsafe() / 1_000_000n)

/** Waits in real time, also under TestClock. */
export const sleep = (ms: number): Effect.Effect<void> =>
  Effect.provideService(Effect.sleep(ms), Clock.Clock, liveClock)

/** `spread`: about 1, so that not all processes come back at the same moment. */
const open = (settings: Settings, spread: number): Redis => {
  const { connectionName, database, deadlineMs, host, password, port, tls, username } = settings
  return new Redis({
    host,
    port,
    db: database,
    connectionName,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Redacted.value(password) }),
    ...(tls ? { tls: {} } : {}),
    lazyConnect: true,
    // closing right after a cut keeps the process for so long: the client waits for an end that has been (default 2 s)
    disconnectTimeout: 100,
    connectTimeout: deadlineMs,
    // a server that is silent for so long while we wait for replies is given up
    socketTimeout: deadlineMs,
    keepAlive: 5_000,
    // a server that still loads its data says so, and we ask again
    enableReadyCheck: false,
    // in-flight commands fail as soon as the connection does; repeating them is our own decision
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(firstReconnectMs * 2 ** (times - 1), longestReconnectMs) * spread,
    reconnectOnError: Failures.isFormerMaster
  })
}

/** A connection: see the module. */
export class Connection {
  private readonly redis: Redis
  private readonly deadlineMs: number
  private readonly trips: RoundTrips
  /** Commands that wait for a connection, each with its own timer. */
  private readonly waiting = new Set<Command>()
  private lastError: string | undefined
  private isConnected = false
  private isClosed = false

  /** `log` runs in the background. Connects in the background, too: the first reply shows that it is there. */
  constructor(redis: Redis, deadlineMs: number, trips: RoundTrips, log: (message: Effect.Effect<void>) => void) {
    this.redis = redis
    this.deadlineMs = deadlineMs
    this.trips = trips
    redis.on("ready", () => {
      trips.connections.add(1)
      log(Effect.logDebug("connected to Redis"))
      this.lastError = undefined
      this.isConnected = true
      for (const command of this.waiting) void redis.sendCommand(command)
      this.waiting.clear()
    })
    redis.on("error", (error: Error) => {
      const detail = Failures.detailOf(error)
      // one warning for each cause, not for each attempt to reconnect
      log(this.lastError === detail ? Effect.logDebug("Redis:", detail) : Effect.logWarning("Redis:", detail))
      this.lastError = detail
      if (Failures.isRefusal(error)) this.failWaiting(error)
    })
    redis.on("close", () => {
      if (this.isConnected && !this.isClosed) log(Effect.logWarning("lost the connection to Redis; reconnecting"))
      this.isConnected = false
    })
    redis.connect().catch(() => {})
  }

  /** Sends a command, with repeats; interrupting it leaves nothing behind but what has already been sent. */
  call(request: Request): Effect.Effect<Reply, BrokerError> {
    return Effect.suspend(() => {
      const startedMs = elapsedMs()
      return Effect.catch(
        this.trips.around(request, this.attempt(request.name, request.args, this.deadlineMs)),
        (failed) => this.again(request, startedMs, failed.error)
      )
    })
  }

  /** Calls back whenever there is a connection, also after the first one. */
  onReady(listener: () => void): void {
    this.redis.on("ready", listener)
  }

  /** Calls back for each message of a subscribed channel. */
  onMessage(listener: (channel: string, message: string) => void): void {
    this.redis.on("message", listener)
  }

  /** Closes: waits for replies that are under way, at most a second, and sends nothing more. */
  get close(): Effect.Effect<void> {
    return Effect.promise(async () => {
      this.isClosed = true
      if (this.redis.status !== "ready") return
      const quit = new Command("quit", [], { replyEncoding: "utf8" })
      quit.setTimeout(1_000)
      await this.redis.sendCommand(quit)
    }).pipe(
      Effect.ignoreCause,
      Effect.andThen(Effect.sync(() => {
        this.redis.disconnect()
        this.failWaiting(new Error(closedMessage))
      }))
    )
  }

  private failWaiting(error: Error): void {
    for (const command of this.waiting) command.reject(error)
  }

  /** Sends a command once. */
  private attempt(
    name: string,
    args: ReadonlyArray<string | number>,
    withinMs: number
  ): Effect.Effect<Reply, CommandFailed> {
    return Effect.callback((resume) => {
      const command = new Command(name, [...args], { replyEncoding: "utf8" })
      // the one place where a reply gets its type: ioredis gives texts, numbers, null and lists of them
      command.promise.then((reply: Reply) => resume(Effect.succeed(reply)), (error: Error) => {
        this.waiting.delete(command)
        resume(Effect.fail({ _tag: "CommandFailed", error }))
      })
      command.setTimeout(withinMs)
      if (this.redis.status === "ready") {
        void this.redis.sendCommand(command)
        return
      }
      this.waiting.add(command)
      if (this.isClosed) command.reject(new Error(closedMessage))
      return Effect.sync(() => {
        if (this.waiting.has(command)) command.reject(new Error("interrupted"))
      })
    })
  }

  /** Goes on after a first failure: decides, waits, repeats, until the deadline. */
  private readonly again = Effect.fnUntraced(
    { self: this },
    function*(request: Request, startedMs: number, first: Error) {
      const { args, lua, name, operation } = request
      let error = first
      for (let isFirst = true;; isFirst = false) {
        const next = Failures.next(operation, error)
        if (next._tag === "Fail") return yield* new BrokerError({ reason: next.reason })
        if (next._tag === "Pause" || (next._tag === "Reconnect" && !isFirst)) yield* sleep(pauseMs)
        const leftMs = this.deadlineMs - (elapsedMs() - startedMs)
        if (leftMs <= 0 || this.isClosed) return yield* this.unavailable(operation, error)
        const attempt = next._tag === "SendScript" && lua !== undefined
          ? this.attempt("eval", [lua, ...args.slice(1)], leftMs)
          : this.attempt(name, args, leftMs)
        const answer = yield* Effect.result(this.trips.around(request, attempt))
        if (answer._tag === "Success") return answer.success
        error = answer.failure.error
      }
    }
  )

  private unavailable(operation: string, error: Error): BrokerError {
    const said = Failures.detailOf(error)
    return new BrokerError({
      reason: new BrokerUnavailable({
        operation,
        // "timed out" says less than why there was no connection
        detail: this.isConnected || this.isClosed ? said : this.lastError ?? said
      })
    })
  }
}

/** Opens a connection that lives as long as the scope. */
export const make = (settings: Settings): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.gen(function*() {
      const context = yield* Effect.context<never>()
      const fork = Effect.runForkWith(context)
      const redis = open(settings, yield* Random.nextBetween(0.75, 1.25))
      return new Connection(redis, settings.deadlineMs, new RoundTrips(context), (message) => {
        fork(message)
      })
    }),
    (connection) => connection.close
  )

/**
 * The settings of the handlers that need no code, and the handlers that they make. Pure.
 *
 * Limits are those of `HttpHandler` and `CommandHandler`; what only they can check is told with the name of the variable
 * all the same.
 */
import { Setting } from "@sluice/core/program"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as CommandHandler from "../handlers/CommandHandler.ts"
import { readNetwork } from "../handlers/http/Address.ts"
import * as AllowedTarget from "../handlers/http/AllowedTarget.ts"
import { readStatusRanges } from "../handlers/http/statusRanges.ts"
import type * as HttpHandler from "../handlers/HttpHandler.ts"

const second = 1000
const hour = 3_600_000
const day = 24 * hour

const Texts = Schema.Record(Schema.String, Schema.String)

const Target = Schema.Struct({
  url: Schema.String,
  method: Schema.optionalKey(Schema.String),
  headers: Schema.optionalKey(Texts),
  secrets: Schema.optionalKey(Schema.Array(Schema.String)),
  success: Schema.optionalKey(Schema.String),
  discard: Schema.optionalKey(Schema.String),
  timeout: Schema.optionalKey(Setting.durationInJson)
})

/** Targets as they are written: a URL, or an object. */
export const Targets = Schema.Record(Schema.String, Schema.Union([Schema.String, Target]))

const Argv = Schema.NonEmptyArray(Schema.String)

const Command = Schema.Struct({
  argv: Argv,
  directory: Schema.optionalKey(Schema.String),
  environment: Schema.optionalKey(Texts),
  success: Schema.optionalKey(Schema.Array(Schema.Int)),
  discard: Schema.optionalKey(Schema.Array(Schema.Int)),
  timeout: Schema.optionalKey(Setting.durationInJson)
})

/** Commands as they are written: a program with its arguments, or an object. */
export const Commands = Schema.Record(Schema.String, Schema.Union([Argv, Command]))

/** The names of the tasks; the rest may hold secrets. */
const maskEntries = (text: string): string => {
  try {
    const names = Object.keys(JSON.parse(text) as object)
    return `{${names.map((name) => `${JSON.stringify(name)}:"${Setting.redacted}"`).join(",")}}`
  } catch {
    return Setting.redacted
  }
}

const checkedList = (type: string, isOne: (text: string) => boolean) =>
  Setting.maker<ReadonlyArray<string>>({
    type: `list of ${type}, by commas`,
    unit: "",
    read: (text) => {
      const all = text.split(",").map((one) => one.trim()).filter((one) => one !== "")
      const wrong = all.findIndex((one) => !isOne(one))
      return wrong === -1 ? Result.succeed(all) : Result.fail(`entry ${wrong + 1}: expected one of the ${type}`)
    }
  })

const secrets = Setting.maker<ReadonlyArray<Redacted.Redacted>>({
  type: "list of texts, by commas, secret",
  unit: "",
  mask: () => Setting.redacted,
  read: (text) => {
    const all = text.split(",").map((one) => one.trim()).filter((one) => one !== "")
    return all.every((one) => one.length >= 16)
      ? Result.succeed(all.map((one) => Redacted.make(one)))
      : Result.fail("expected secrets of 16 characters or more")
  }
})

const statuses = Setting.maker<string>({
  type: "status codes, such as 200-299,409",
  unit: "",
  read: (text) =>
    readStatusRanges(text) === undefined
      ? Result.fail("expected status codes, such as 200-299,409")
      : Result.succeed(text)
})

const backoff = (name: string) => ({
  backoff: Setting.duration(1, day).required(
    `SLUICE_${name}_BACKOFF`,
    "5s",
    "The wait after the first failed attempt; it doubles with each."
  ),
  maxBackoff: Setting.duration(1, day).required(
    `SLUICE_${name}_MAX_BACKOFF`,
    "1h",
    "The longest wait between attempts."
  )
})

const httpBackoff = backoff("HTTP")
const commandBackoff = backoff("COMMAND")

/** The settings of deliveries over HTTP. */
export const httpTable = {
  httpTargets: Setting.json("tasks with their targets", Targets, maskEntries).optional(
    "SLUICE_HTTP_TARGETS",
    "By the names of tasks: where each one's payload is sent, byte for byte. A URL, or " +
      "`{url, method, headers, secrets, success, discard, timeout}`."
  ),
  httpTargetsFile: Setting.file.optional("SLUICE_HTTP_TARGETS_FILE", "A file with the same, instead."),
  httpAllow: checkedList("targets", (text) => AllowedTarget.read(text) !== undefined).required(
    "SLUICE_HTTP_ALLOW",
    "",
    "Where the task whose payload names its own target may send to: `[scheme://]host[:port]`, https unless `http://` is " +
      "written, `*.example.com` for what is below a domain, `*` for all. Without any there is no such task."
  ),
  httpTask: Setting.text.required("SLUICE_HTTP_TASK", "http", "The name of that task."),
  httpNetworks: checkedList("networks", (text) => readNetwork(text) !== undefined).required(
    "SLUICE_HTTP_NETWORKS",
    "",
    "Networks that may be connected to although they are not public, such as `10.1.0.0/16`."
  ),
  httpSecrets: secrets.required(
    "SLUICE_HTTP_SECRETS",
    "",
    "Signs deliveries, with each of these: 16 characters or more, or `whsec_` and base64."
  ),
  httpSuccess: statuses.required("SLUICE_HTTP_SUCCESS", "200-299", "The status codes of success."),
  httpDiscard: statuses.required(
    "SLUICE_HTTP_DISCARD",
    "410",
    "The status codes that end a job as dead at once. All others are tried again."
  ),
  httpTimeout: Setting.duration(1, hour).required(
    "SLUICE_HTTP_TIMEOUT",
    "30s",
    "How long one delivery may take, redirects included."
  ),
  httpMaxResponse: Setting.bytes(0, 1_048_576).required(
    "SLUICE_HTTP_MAX_RESPONSE",
    "16 KiB",
    "How much of an answer is read, and kept with the job."
  ),
  httpRedirects: Setting.count("redirects", 0, 10).required(
    "SLUICE_HTTP_REDIRECTS",
    "0",
    "How many redirects are followed. Each has to lead to an allowed target."
  ),
  httpMaxRetryAfter: Setting.duration(second, day).required(
    "SLUICE_HTTP_MAX_RETRY_AFTER",
    "1h",
    "The longest wait that a receiver may ask for with Retry-After."
  ),
  httpBackoff: httpBackoff.backoff,
  httpMaxBackoff: httpBackoff.maxBackoff
} as const

/** The settings of commands. */
export const commandTable = {
  commands: Setting.json("tasks with their commands", Commands, maskEntries).optional(
    "SLUICE_COMMANDS",
    "By the names of tasks: what each one runs, with the payload on its standard input. An array of a program and its " +
      "arguments, or `{argv, directory, environment, success, discard, timeout}`. Nothing else is ever run."
  ),
  commandsFile: Setting.file.optional("SLUICE_COMMANDS_FILE", "A file with the same, instead."),
  commandEnvironment: Setting.list.required(
    "SLUICE_COMMAND_ENVIRONMENT",
    "PATH,HOME,LANG,TZ,TMPDIR",
    "The variables that programs get from the consumer's own environment, where they are set."
  ),
  commandTimeout: Setting.duration(1, day).required(
    "SLUICE_COMMAND_TIMEOUT",
    "5m",
    "How long one run may take; then its process group is ended."
  ),
  commandKillAfter: Setting.duration(1, 8 * second).required(
    "SLUICE_COMMAND_KILL_AFTER",
    "5s",
    "How long a program may take to end after SIGTERM, before SIGKILL."
  ),
  commandMaxOutput: Setting.bytes(0, 1_048_576).required(
    "SLUICE_COMMAND_MAX_OUTPUT",
    "64 KiB",
    "How much of each output is kept."
  ),
  commandBackoff: commandBackoff.backoff,
  commandMaxBackoff: commandBackoff.maxBackoff
} as const

/** The options of `HttpHandler.make` that the settings say. */
export const httpOptions = (
  settings: Setting.ValuesOf<typeof httpTable>,
  targets: typeof Targets.Type
): HttpHandler.Options => ({
  targets: Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [
      name,
      typeof target === "string"
        ? { url: target }
        : { ...target, secrets: target.secrets?.map((one) => Redacted.make(one)) }
    ])
  ),
  allow: settings.httpAllow,
  task: settings.httpTask,
  networks: settings.httpNetworks,
  secrets: settings.httpSecrets,
  success: settings.httpSuccess,
  discard: settings.httpDiscard,
  timeout: settings.httpTimeout,
  maxResponseBytes: settings.httpMaxResponse,
  redirects: settings.httpRedirects,
  maxRetryAfter: settings.httpMaxRetryAfter,
  backoff: settings.httpBackoff,
  maxBackoff: settings.httpMaxBackoff
})

/** The options of `CommandHandler.make` that the settings say. `environment` is the consumer's own. */
export const commandOptions = (
  settings: Setting.ValuesOf<typeof commandTable>,
  commands: typeof Commands.Type,
  environment: Readonly<Record<string, string | undefined>>
): CommandHandler.Options => ({
  commands: Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, "argv" in command ? command : { argv: command }])
  ),
  environment: Object.fromEntries(settings.commandEnvironment.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value]]
  })),
  timeout: settings.commandTimeout,
  killAfter: settings.commandKillAfter,
  maxOutputBytes: settings.commandMaxOutput,
  backoff: settings.commandBackoff,
  maxBackoff: settings.commandMaxBackoff
})

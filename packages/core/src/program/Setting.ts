/**
 * One setting of a program: its name, how its text is read, and what it means. Pure.
 *
 * The table of a program's settings is made of these; the reader, `--print-config` and the reference page all follow it.
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Values from "../api/Values.ts"

/** One setting. `A` is what its text is read as. */
export interface Setting<out A> {
  /** The name of the variable. */
  readonly name: string
  /** What may be written, for people: `duration`, `bytes`, `true or false`, ... */
  readonly type: string
  /** The text that stands for a variable that is not set; `undefined`: then the value is `undefined`. */
  readonly default: string | undefined
  /** What a bare number means; "" where there is none. */
  readonly unit: string
  readonly meaning: string
  /** What of a text may be shown. */
  readonly mask: (text: string) => string
  /** Reads a text; the failure says what was expected, and never repeats the text. */
  readonly read: (text: string) => Result.Result<A, string>
}

/** Settings by the names that the program's code has for them. */
export type Table = Readonly<Record<string, Setting<unknown>>>

/** The values of a table. */
export type ValuesOf<T extends Table> = { readonly [Key in keyof T]: T[Key] extends Setting<infer A> ? A : never }

/** What settings of one kind have in common. `mask` shows a text as it is unless it is given. */
export type Kind<A> = Pick<Setting<A>, "type" | "unit" | "read"> & Partial<Pick<Setting<A>, "mask">>

/** Makes settings of a kind of the program's own. */
export const maker = <A>(kind: Kind<A>) => {
  const make = (name: string, fallback: string | undefined, meaning: string): Setting<A> => ({
    mask: (text) => text,
    ...kind,
    name,
    default: fallback,
    meaning
  })
  return {
    /** With a default. */
    required: (name: string, fallback: string, meaning: string): Setting<A> => make(name, fallback, meaning),
    /** Without one: `undefined` when it is not set. */
    optional: (name: string, meaning: string): Setting<A | undefined> => make(name, undefined, meaning)
  }
}

const whole = (text: string): number =>
  /^\d{1,15}$/.test(text.replaceAll("_", "")) ? Number(text.replaceAll("_", "")) : -1

const within = (minimum: number, maximum: number, what: string) => (value: number): Result.Result<number, string> =>
  value >= minimum && value <= maximum ? Result.succeed(value) : Result.fail(`expected ${what}`)

/** A text of one line. */
export const text = maker<string>({ type: "text", unit: "", read: Result.succeed })

/** What stands for a secret where it would be shown. */
export const redacted = "<redacted>"

/** A text with a secret in it; `mask` says what of it may be shown, by default nothing. */
export const secret = (mask: (text: string) => string = () => redacted) =>
  maker<Redacted.Redacted>({
    type: "text, secret",
    unit: "",
    mask,
    read: (value) => Result.succeed(Redacted.make(value))
  })

/** A URL without the user and the password that it may hold; nothing of a text that is no URL. */
export const maskUrl = (text: string): string => {
  if (!URL.canParse(text)) return redacted
  const { host, password, pathname, protocol, username } = new URL(text)
  return username === "" && password === "" ? text : `${protocol}//${redacted}@${host}${pathname}`
}

/** A path of a file. */
export const file = maker<string>({ type: "path", unit: "", read: Result.succeed })

/** `true` or `false`. */
export const flag = maker<boolean>({
  type: "true or false",
  unit: "",
  read: (value) => {
    const lower = value.toLowerCase()
    if (["true", "yes", "on", "1"].includes(lower)) return Result.succeed(true)
    return ["false", "no", "off", "0"].includes(lower) ? Result.succeed(false) : Result.fail("expected true or false")
  }
})

/** One of several words. */
export const word = <const Word extends string>(words: ReadonlyArray<Word>) =>
  maker<Word>({
    type: words.map((one) => `\`${one}\``).join(", "),
    unit: "",
    read: (value) => {
      const found = words.find((one) => one === value.toLowerCase())
      return found === undefined ? Result.fail(`expected one of ${words.join(", ")}`) : Result.succeed(found)
    }
  })

/** A port; 0 takes a free one. */
export const port = maker<number>({
  type: "port",
  unit: "",
  read: (value) => within(0, 65_535, "a port: a whole number from 0 to 65535")(whole(value))
})

/** A whole number of things. */
export const count = (unit: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  maker<number>({
    type: "whole number",
    unit,
    read: (value) => within(minimum, maximum, `a whole number from ${minimum} to ${maximum}`)(whole(value))
  })

/** Milliseconds, or a number with a unit: `30s`, `5 minutes`. Read as milliseconds. */
export const duration = (minimum: number, maximum: number = Values.year) =>
  maker<number>({
    type: "duration",
    unit: "ms",
    read: (value) =>
      within(minimum, maximum, `a duration from ${minimum} to ${maximum} ms, such as 30s or 5 minutes`)(
        Values.readDuration(value) ?? -1
      )
  })

const byteUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824
}

const readBytes = (value: string): number => {
  const [, amount, unit = ""] = /^(\d{1,12}(?:\.\d{1,6})?) *([a-z]*)$/i.exec(value.trim()) ?? []
  const size = byteUnits[unit.toLowerCase()]
  return amount === undefined || size === undefined ? -1 : Math.floor(Number(amount) * size)
}

/** Bytes, or a number with a unit: `8 MiB`, `500kB`. Read as bytes. */
export const bytes = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  maker<number>({
    type: "size",
    unit: "bytes",
    read: (value) =>
      within(minimum, maximum, `a size from ${minimum} to ${maximum} bytes, such as 500kB or 8 MiB`)(readBytes(value))
  })

/** Texts with commas between them. */
export const list = maker<ReadonlyArray<string>>({
  type: "list, by commas",
  unit: "",
  read: (value) => Result.succeed(value.split(",").map((one) => one.trim()).filter((one) => one !== ""))
})

const parsed = (text: string): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch {
    // what the parser says repeats a part of the text
    return Result.fail("expected JSON")
  }
}

/** A duration within JSON: milliseconds, or a text with a unit. Read as milliseconds. */
export const durationInJson = Values.duration("How long.")

/** JSON that fits a schema. What is wrong is told by its path, without the value. */
export const json = <A>(what: string, schema: Schema.ConstraintDecoder<A>, mask: (text: string) => string) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })
  return maker<A>({
    type: `JSON: ${what}`,
    unit: "",
    mask,
    read: (text) =>
      Result.flatMap(
        parsed(text),
        (value) => Result.mapError(decode(value), ({ message }) => message.replaceAll("\n", " "))
      )
  })
}

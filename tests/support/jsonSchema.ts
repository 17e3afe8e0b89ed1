/**
 * The part of JSON Schema that the OpenAPI document uses: whether a value fits, and values that do not. For the contract
 * tests, so that they hold the answers to the document and not to the schemas that wrote it.
 */

/** A schema of the document. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly oneOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

type Schemas = Readonly<Record<string, JsonSchema>>

const follow = (schema: JsonSchema, schemas: Schemas): JsonSchema => {
  const name = schema.$ref?.split("/").at(-1)
  if (name === undefined) return schema
  const found = schemas[name]
  if (found === undefined) throw new Error(`the document has no schema ${name}`)
  return follow(found, schemas)
}

const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => kindOf(value) === "object"

const objectFaults = (schema: JsonSchema, value: Readonly<Record<string, unknown>>, schemas: Schemas, at: string) => [
  ...(schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
  ...Object.entries(value).flatMap(([name, member]) => {
    const known = schema.properties?.[name]
    if (known !== undefined) return faultsOf(known, member, schemas, `${at}.${name}`)
    return schema.additionalProperties === false ? [`${at}.${name} is not in the document`] : []
  })
]

const scalarFaults = (schema: JsonSchema, value: unknown, at: string): ReadonlyArray<string> => [
  ...(schema.enum !== undefined && !schema.enum.includes(value) ? [`${at} is ${JSON.stringify(value)}`] : []),
  ...(typeof value === "number" && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))
    ? [`${at} is ${value}`]
    : []),
  ...(typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)
    ? [`${at} does not match`]
    : [])
]

/** What of a value does not fit a schema; none when it fits. */
export const faultsOf = (given: JsonSchema, value: unknown, schemas: Schemas, at = "$"): ReadonlyArray<string> => {
  const schema = follow(given, schemas)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) {
    const tried = choices.map((choice) => faultsOf(choice, value, schemas, at))
    return tried.some((faults) => faults.length === 0) ? [] : [`${at} fits none: ${JSON.stringify(tried)}`]
  }
  const kind = kindOf(value)
  if (schema.type !== undefined && schema.type !== kind && !(schema.type === "number" && kind === "integer")) {
    return [`${at} is ${kind}, not ${schema.type}`]
  }
  if (isRecord(value)) return objectFaults(schema, value, schemas, at)
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => faultsOf(schema.items ?? {}, one, schemas, `${at}[${index}]`))
  }
  return scalarFaults(schema, value, at)
}

const wrongScalars = (schema: JsonSchema): ReadonlyArray<unknown> => [
  ...(schema.enum !== undefined ? ["nonsense"] : []),
  ...(schema.minimum !== undefined ? [schema.minimum - 1] : []),
  ...(schema.maximum !== undefined ? [schema.maximum + 1] : []),
  ...(schema.maxLength !== undefined ? ["x".repeat(schema.maxLength + 1)] : []),
  ...(schema.pattern !== undefined ? ["a b"] : [])
]

const otherTypes: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  string: [7, null, {}],
  integer: ["seven", 1.5, null],
  number: ["seven", null],
  boolean: ["maybe", null],
  object: [7, "text", []]
}

const wrongLists = (schema: JsonSchema, items: JsonSchema, schemas: Schemas): ReadonlyArray<unknown> => [
  ...(schema.minItems !== undefined ? [Array.from({ length: schema.minItems - 1 })] : []),
  ...(schema.maxItems !== undefined ? [Array.from({ length: schema.maxItems + 1 }, (_, index) => `0:${index}`)] : []),
  ...wrongMembers(items, schemas).map((wrong) => [wrong])
]

/** Values of a member: of another type, and beyond its limits; none for what takes anything. */
const wrongMembers = (given: JsonSchema, schemas: Schemas): ReadonlyArray<unknown> => {
  const schema = follow(given, schemas)
  if (schema.anyOf !== undefined) return [true, {}].filter((one) => faultsOf(schema, one, schemas).length > 0)
  if (schema.items !== undefined) return [7, {}, ...wrongLists(schema, schema.items, schemas)]
  return [...otherTypes[schema.type ?? ""] ?? [], ...wrongScalars(schema)]
}

const wrongObjects = (schema: JsonSchema, example: object, schemas: Schemas): ReadonlyArray<unknown> => [
  ...(schema.required ?? []).map((name) => Object.fromEntries(Object.entries(example).filter(([key]) => key !== name))),
  { ...example, unknown: 1 },
  ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    wrongMembers(member, schemas).map((wrong) => ({ ...example, [name]: wrong }))
  )
]

/**
 * Values that a schema does not take. As `text` (a path or a query), where everything is a text; as `json`, made from a
 * valid example by taking members away, adding one, and spoiling each.
 */
export const wrongValues = (
  given: JsonSchema,
  schemas: Schemas,
  form: "text" | "json",
  example: object = {}
): ReadonlyArray<unknown> => {
  const schema = follow(given, schemas)
  if (form === "text") {
    const inner = schema.items === undefined ? schema : follow(schema.items, schemas)
    const words = ["integer", "number", "boolean"].includes(inner.type ?? "") ? ["nonsense"] : []
    return [...words, ...wrongScalars(inner)]
  }
  const object = [schema, ...schema.anyOf ?? []].map((one) => follow(one, schemas)).find((one) => one.type === "object")
  return object === undefined ? [] : [7, "text", ...wrongObjects(object, example, schemas)]
}

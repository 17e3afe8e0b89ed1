/**
 * Writes docs/reference/http-api.md from the OpenAPI document and the list of problems. The test of the reference pages
 * calls it. What no schema says (exact payloads, ids, lines, keys) stands in the texts here.
 */
import { Api, Problems } from "@sluice/core/api"
import { Schema } from "effect"
import { OpenApi } from "effect/http-api"

interface Operation {
  readonly tags: ReadonlyArray<string>
  readonly summary: string
  readonly description: string
  readonly parameters: ReadonlyArray<{
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: { readonly description?: string; readonly enum?: ReadonlyArray<string> }
  }>
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, object>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>
}

// the document is JSON, as the producer serves it
const document = JSON.parse(JSON.stringify(OpenApi.fromApi(Api))) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<
      Record<
        string,
        { readonly properties: Readonly<Record<string, Field>>; readonly required?: ReadonlyArray<string> }
      >
    >
  }
}

interface Field {
  readonly type?: string
  readonly anyOf?: ReadonlyArray<{ readonly type?: string }>
  readonly minimum?: number
  readonly maximum?: number
  readonly enum?: ReadonlyArray<string>
  readonly description?: string
}

const cell = (text: string): string => text.replaceAll("|", "\\|")

const parameter = ({ in: place, name, required, schema }: Operation["parameters"][number]): string => {
  const values = schema.enum === undefined ? "" : ` One of ${schema.enum.map((one) => `\`${one}\``).join(", ")}.`
  return `- \`${name}\` (${place}${required ? ", needed" : ""})${
    schema.description === undefined && values === "" ? "" : `: ${schema.description ?? ""}${values}`
  }`.replace(":  ", ": ")
}

const operation = (method: string, path: string, one: Operation): string => {
  const parameters = one.parameters.filter(({ in: place }) => place !== "path").map(parameter)
  const statuses = Object.keys(one.responses)
  const body = one.requestBody === undefined
    ? []
    : [
      `- body${one.requestBody.required ? "" : ", may be left out"}: ${
        Object.keys(one.requestBody.content).map((type) => `\`${type}\``).join(", ")
      }`
    ]
  return [
    `### ${one.summary}`,
    `\`${method.toUpperCase()} ${path}\``,
    one.description,
    [...parameters, ...body, `- answers: ${statuses.join(", ")}`].join("\n")
  ].join("\n\n")
}

const operationsOf = (tag: string): string =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, one]) => one.tags.includes(tag)).map(([method, one]) =>
      operation(method, path, one)
    )
  ).join("\n\n")

const typeOf = ({ anyOf, maximum, minimum, type }: Field): string => {
  const types = anyOf?.map((one) => one.type).join(" or ") ?? type ?? "any JSON"
  return minimum === undefined ? types : `${types}, ${minimum} to ${maximum}`
}

/** The members of an object of the document, as a table. */
const fieldsOf = (name: string): string => {
  const { properties = {}, required = [] } = document.components.schemas[name] ?? {}
  const rows = Object.entries(properties).map(([field, one]) => {
    const values = one.enum === undefined ? "" : `One of ${one.enum.map((value) => `\`${value}\``).join(", ")}.`
    const meaning = [one.description ?? "", values].filter((text) => text !== "").join(" ")
    return `| \`${field}\` | ${typeOf(one)} | ${required.includes(field) ? "yes" : ""} | ${cell(meaning)} |`
  })
  return ["| field | type | needed | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n")
}

interface Fixed {
  readonly properties: Readonly<Record<"type" | "status" | "title", { readonly enum: readonly [string | number] }>>
}

const problems = Problems.all.map((kind) => {
  // one schema, and the definition that it may refer to: the kind's own members are constants
  const { definitions, schema } = Schema.toJsonSchemaDocument(kind)
  const { status, title, type } =
    ([schema, ...Object.values(definitions)] as ReadonlyArray<unknown> as ReadonlyArray<Fixed>)
      .find((one) => "properties" in one && "type" in one.properties)!.properties
  return `| \`${type.enum[0]}\` | ${status.enum[0]} | ${cell(String(title.enum[0]))} |`
}).join("\n")

const bodies = (): string =>
  `# HTTP API

This page is generated from the OpenAPI document, which a producer serves at \`/openapi.json\`. A page to read and try it is
at \`/docs\`; it needs no internet.

Bodies are JSON in UTF-8, not compressed. Fields and query parameters that are not listed are refused, so that a misspelt
one is found. In a path, a queue's name and a job's id are percent-encoded: \`/\` is \`%2F\`, \`:\` is \`%3A\`.

## Payloads are exact

The payload is passed on as the text that was sent, byte for byte: \`1e400\`, \`12345678901234567890\` and white space arrive
as they left. So do results, errors and progress on the way out. What reads or writes them with \`JSON.parse\` and
\`JSON.stringify\` loses such numbers by itself.

A job that names no \`version\` is of version 1 of its task's payload, whatever the newest is: who was written before a new
version goes on as before, and the consumer migrates the payload.

## Payloads are checked where the task is known

Consumers publish their tasks with a JSON Schema for each version of the payload (\`GET /v1/tasks/{task}\` shows them). A
payload that does not fit the schema of its task and version is refused with 422 (\`invalid-payload\`), and \`errors\` says
where: of \`{ "task": "Send", "payload": { "to": 7 } }\`, the path is \`["payload", "payload", "to"]\`, the first for the body, the
second for its member. At most 100 places are told. What nobody has published passes: an unknown task, a version without a
schema. A producer knows of a new task within five seconds.

## One job, many jobs, lines

- One object: 201 when it was taken in, 200 when a job of the same id was there already. Then nothing was changed.
- An array, at most \`SLUICE_MAX_BATCH\` jobs: 207, with an answer for each in its place. A refused job does not stop the others. Where the broker
  took one part of many jobs and not another, those of that part are answered 502 or 503; repeat the request under the
  same \`Idempotency-Key\`.
- Lines, one JSON object each (\`application/x-ndjson\`): 207, and a line for each line that is not blank, as soon as its fate
  is known. Read the answers while you send: a producer holds those of about 64,000 lines, then it stops reading. The last
  line may have \`"aborted": true\`: that line and all after it were not read, and nothing of them was enqueued.

The fields of a job:

${fieldsOf("EnqueueItem")}

## Sending again

\`Idempotency-Key\` is the id of a single job that names none. Jobs of an array or of lines get \`<key>/<index>\`, counted from 0
(for lines: the line's number less one), so a whole body can be sent again after a lost answer.

- The same job under the same key: \`existing\`, with the id that it had. The order of members and white space may differ.
- Another task, version or payload under a used key: 422 (\`idempotency-key-reused\`); of many, for that job alone. The
  job that was there stays as it is, and the other one is not enqueued.
- An \`id\` in the job itself is a name, not a key: under a used one, whatever the payload, the answer is \`existing\`.

Both hold as long as the job is there: until it has ended and the retention of its task has passed.`

const manners = (): string =>
  `## Keys

\`Authorization: Bearer <key>\`, where keys are configured (\`SLUICE_API_KEYS\`). Scopes are \`enqueue\`, \`read\` and \`operate\`; none
includes another. Health, the OpenAPI document and its page need no key. Without keys everyone may do everything, and the
producer listens on loopback only.

## Every answer

\`x-request-id\` is the one that was sent, if it has 1 to 128 letters, digits or signs of \`. _ : / + = -\`, else a new one. It is
on each line of the log that belongs to the request.`

const routes = (): string =>
  `## Jobs

${operationsOf("jobs")}

## Queues

${operationsOf("queues")}

The fields of a redrive, all optional; without any, every dead job is meant:

${fieldsOf("RedriveBody")}

## Consumers and tasks

${operationsOf("registry")}

## Health

${operationsOf("health")}`

/** The page. */
export const httpApiPage = (): string =>
  `${bodies()}

${manners()}

${routes()}

## Problems

Every error is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, and what is listed in the OpenAPI
document for its kind. A 400 has \`errors\`, each with a \`path\` and a \`message\`.

| type | status | title |
| --- | --- | --- |
${problems}
`

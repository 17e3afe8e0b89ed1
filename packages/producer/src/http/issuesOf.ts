/**
 * What a schema found wrong with a request, as the API tells it: a path that begins with the part of the request
 * (`params`, `query`, `headers`, `payload`), and a sentence.
 */
import type { Problems } from "@sluice/core/api"
import * as SchemaIssue from "effect/SchemaIssue"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const segment = (part: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof part === "object" ? part.key : part
  return typeof key === "number" ? key : String(key)
}

/** The most that are told. */
const maxIssues = 100

/** The issues of one part of a request, the first 100. */
export const issuesOf = (part: string, issue: SchemaIssue.Issue): ReadonlyArray<Problems.Issue> =>
  format(issue).issues.slice(0, maxIssues).map(({ message, path }) => ({
    path: [part, ...(path ?? []).map(segment)],
    message
  }))

/**
 * Which methods a path takes, for the answer to one that it does not take.
 *
 * The router knows only whether a method and a path fit together; this is the same table the other way round.
 */
import { Api } from "@sluice/core/api"

interface Row {
  readonly path: RegExp
  readonly method: string
}

const rowOf = (method: string, path: string): Row => ({
  method,
  path: new RegExp(`^${path.replace(/:[a-z]+/g, "[^/]+")}/?$`)
})

const apiRows: ReadonlyArray<Row> = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).map(({ method, path }) => rowOf(method, path))
)

/** The pages beside the API. */
const pages = ["/openapi.json", "/docs"].map((path) => rowOf("GET", path))

/** The methods of the path of a URL, each once; none: there is no such path. */
export const allowedMethods = (url: string): ReadonlyArray<string> => {
  const path = url.split("?", 1)[0]!
  const methods = [...apiRows, ...pages].filter((row) => row.path.test(path)).map(({ method }) => method)
  return [...new Set(methods.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]))]
}

/**
 * The route of a request by its path: one of few templates, so that metrics and span names don't grow with the paths that
 * clients make up. Pure.
 */

/** Finds the template of a URL; `undefined`: there is none. */
export type RouteOf = (url: string) => string | undefined

const segmentsOf = (path: string): ReadonlyArray<string> => path.split("/")

const matches = (template: ReadonlyArray<string>, path: ReadonlyArray<string>): boolean =>
  template.every((segment, at) => segment.startsWith(":") ? path[at] !== "" : segment === path[at])

/** Templates are written as routers write them: `/v1/queues/:queue`. The first that fits counts. */
export const routeOf = (templates: ReadonlyArray<string>): RouteOf => {
  const byLength = new Map<number, Array<readonly [string, ReadonlyArray<string>]>>()
  for (const template of new Set(templates)) {
    const segments = segmentsOf(template)
    byLength.set(segments.length, [...byLength.get(segments.length) ?? [], [template, segments]])
  }
  return (url) => {
    const end = url.search(/[?#]/)
    const path = segmentsOf(end < 0 ? url : url.slice(0, end))
    return byLength.get(path.length)?.find(([, template]) => matches(template, path))?.[0]
  }
}

/** Paths that somebody asks for every few seconds: they make no spans. */
const watched: ReadonlySet<string> = new Set(["/livez", "/readyz", "/startupz", "/metrics"])

/** Whether a request is one of those that watch a process. */
export const isWatching = (url: string): boolean => watched.has(url.split("?", 1)[0]!)

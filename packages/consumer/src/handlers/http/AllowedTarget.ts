/**
 * Which URLs deliveries may go to, written as `[scheme://]host[:port]`. Pure.
 *
 * The scheme is https unless `http://` is written, the port is the scheme's own unless one (or `*`) is written, the host is
 * exact, `*.example.com` for everything below a domain, or `*` for any. Names only: what a name resolves to is checked by
 * `AddressPolicy`.
 */

/** What one pattern allows. */
export interface AllowedTarget {
  readonly protocol: "https:" | "http:"
  /** Lower case, as URLs have it; `*` or `*.domain` for more than one. */
  readonly host: string
  /** "" is the scheme's own; `*` any. */
  readonly port: string
}

const pattern = /^(?:(https?):\/\/)?(\*|(?:\*\.)?(?:\[[\da-f:.]+\]|[^\s:/?#@*[\]]+))(?::(\d{1,5}|\*))?\/?$/i

const withoutDot = (host: string): string => host.replace(/\.$/, "")

/** Reads a pattern; `undefined`: it is none. */
export const read = (text: string): AllowedTarget | undefined => {
  const [, scheme = "https", host, port = ""] = pattern.exec(text) ?? []
  if (host === undefined) return undefined
  const protocol = scheme.toLowerCase() === "http" ? "http:" : "https:"
  const wild = host === "*" ? "*" : host.startsWith("*.") ? "*." : ""
  const url = `${protocol}//${host.slice(wild.length) || "any"}${port === "" || port === "*" ? "" : `:${port}`}`
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  return {
    protocol,
    host: wild === "*" ? "*" : `${wild}${withoutDot(parsed.hostname)}`,
    port: port === "*" ? "*" : parsed.port
  }
}

/** Whether a URL is one that the pattern allows. */
export const allows = (target: AllowedTarget, url: URL): boolean => {
  const host = withoutDot(url.hostname)
  return url.protocol === target.protocol && (target.port === "*" || target.port === url.port) && (
    target.host === "*" || target.host === host || (target.host.startsWith("*.") && host.endsWith(target.host.slice(1)))
  )
}

/** The one place that a URL names: what a configured target allows by itself, and for redirects. */
export const of = (url: URL): AllowedTarget => ({
  protocol: url.protocol === "http:" ? "http:" : "https:",
  host: withoutDot(url.hostname),
  port: url.port
})

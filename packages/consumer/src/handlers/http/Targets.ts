/**
 * What is sent where: from a configured target, or from a request in a payload, to a delivery. Pure.
 */
import * as AllowedTarget from "./AllowedTarget.ts"
import type { Delivery } from "./deliver.ts"
import * as HttpOptions from "./HttpOptions.ts"
import { type HttpRequest, methods } from "./HttpRequest.ts"

/** What the connection, the message's length and we ourselves say is not for callers to say. */
const reserved =
  /^(?:connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|webhook-.*|sluice-.*)$/

const lowered = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !reserved.test(name))
  )

/** What all deliveries have in common. */
const common = (settings: HttpOptions.Settings) => ({
  secrets: settings.secrets,
  allowed: settings.allowed,
  success: settings.success,
  discard: settings.discard,
  timeoutMs: settings.timeoutMs,
  redirects: settings.redirects,
  maxRetryAfterMs: settings.maxRetryAfterMs
})

/** The delivery that a payload asks for. */
export const ofRequest = (settings: HttpOptions.Settings, request: typeof HttpRequest.Type): Delivery => ({
  ...common(settings),
  url: request.url,
  method: request.method ?? "POST",
  headers: lowered(request.headers ?? {}),
  body: request.body
})

const urlOf = (name: string, text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url
  throw new RangeError(`HttpHandler: the url of target "${name}" has to be http(s), without user and password`)
}

const methodOf = (name: string, text: string): string => {
  const method = methods.find((one) => one === text)
  if (method !== undefined) return method
  throw new RangeError(`HttpHandler: the method of target "${name}" has to be one of ${methods.join(", ")}`)
}

/** The delivery to a target, but for its body. Throws a `RangeError` that names the target and what is wrong with it. */
export const ofTarget = (settings: HttpOptions.Settings, name: string, target: HttpOptions.Target): Delivery => {
  const base = common(settings)
  const url = urlOf(name, target.url)
  const option = (what: string) => `${what} of target "${name}"`
  return {
    ...base,
    url: url.href,
    method: methodOf(name, target.method ?? "POST"),
    headers: lowered(target.headers ?? {}),
    body: undefined,
    secrets: target.secrets ?? base.secrets,
    allowed: [AllowedTarget.of(url), ...base.allowed],
    success: target.success === undefined ? base.success : HttpOptions.ranges(option("success"), target.success),
    discard: target.discard === undefined ? base.discard : HttpOptions.ranges(option("discard"), target.discard),
    timeoutMs: target.timeout === undefined ? base.timeoutMs : HttpOptions.millis(option("timeout"), target.timeout)
  }
}

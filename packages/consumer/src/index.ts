/**
 * The public face of the consumer: `Consumer.layer`, the health of what it started, and the contract of modules of handlers.
 *
 * Absent on purpose: the handlers that need no code (`/HttpHandler`, `/CommandHandler`), which load parts of Node.
 */
export * as Consumer from "./Consumer.ts"
export { ConsumerHealth } from "./ConsumerHealth.ts"
export * as Handlers from "./handlers/Handlers.ts"

/**
 * The public face of the consumer: `Consumer.layer`, and the health of what it started.
 */
export * as Consumer from "./Consumer.ts"
export { ConsumerHealth } from "./ConsumerHealth.ts"

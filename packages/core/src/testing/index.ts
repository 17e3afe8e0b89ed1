/**
 * The test kit, `@sluice/core/testing`: suites that hold a broker to its promises, and what tests are written with.
 *
 * Needs `vitest` and `@effect/vitest`. No source of ours imports it.
 */
export { brokerConformance } from "./BrokerConformance.ts"
export * as JobFactory from "./JobFactory.ts"
export { randomOperations } from "./RandomOperations.ts"

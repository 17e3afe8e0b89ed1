/**
 * The test kit, `@sluice/core/testing`: the conformance suite for brokers and what it is written with.
 *
 * Needs `vitest` and `@effect/vitest`. No source of ours imports it.
 */
export { brokerConformance } from "./BrokerConformance.ts"
export * as JobFactory from "./JobFactory.ts"

/**
 * The test kit, `@sluice/core/testing`: what apps ask of a broker in their tests, a broker that fails on command, and the
 * suites that hold a broker to its promises.
 *
 * Needs `vitest` and `@effect/vitest`. No source of ours imports it.
 */
export { brokerConformance } from "./BrokerConformance.ts"
export { eventsConformance } from "./conformance/events.ts"
export { registryConformance } from "./conformance/registry.ts"
export * as FaultyBroker from "./FaultyBroker.ts"
export * as JobFactory from "./JobFactory.ts"
export { randomOperations } from "./RandomOperations.ts"
export * as TestBroker from "./TestBroker.ts"

/**
 * The HTTP API as definitions, `@sluice/core/api`: what producers serve and clients are derived from.
 *
 * Importing it does nothing. It is a subpath of its own, so that only who speaks HTTP loads the HTTP modules.
 */
export { Access, Caller, RequiredScope, Scope, Validation } from "./Access.ts"
export { Api } from "./Api.ts"
export * as EnqueueBody from "./EnqueueBody.ts"
export * as EventDocument from "./EventDocument.ts"
export * as JobDocument from "./JobDocument.ts"
export { type BrokerProblem, brokerProblemOf, type RefusalProblem, refusalProblemOf } from "./problemOf.ts"
export * as Problems from "./Problems.ts"
export * as QueueDocument from "./QueueDocument.ts"
export * as RegistryDocument from "./RegistryDocument.ts"
export * as Values from "./Values.ts"

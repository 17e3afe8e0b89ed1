/**
 * Key prefixes that nobody else uses, so that tests can share one Redis and run at the same time. Called by tests.
 * Nothing is deleted afterwards: the server goes away with the run.
 */
import { randomUUID } from "node:crypto"

/** A new prefix at each call, such as `test-1f0c5c2e9a41`: letters, digits and hyphens only. Default label "test". */
export const uniquePrefix = (label = "test"): string => `${label}-${randomUUID().replaceAll("-", "").slice(0, 12)}`

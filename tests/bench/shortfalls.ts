/**
 * Why a figure misses its aim, and what would close the gap: one paragraph for each scenario that falls short in the
 * published run. The report prints those that apply, and refuses to publish a shortfall that nobody explains.
 */
export const shortfalls: Readonly<Record<string, string>> = {}

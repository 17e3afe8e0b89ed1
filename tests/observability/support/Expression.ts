/**
 * What an expression of PromQL speaks of: names of metrics, and of labels. Not a parser: it knows the forms that our
 * dashboard and our rules use, and Prometheus itself says whether they are expressions at all.
 */

/** A dashboard's expression with its variables filled in, as Grafana would for all queues. */
export const filled = (expression: string): string =>
  expression.replaceAll("$__rate_interval", "5m").replaceAll("$queue", ".*")

const withoutTexts = (expression: string): string => expression.replace(/"[^"]*"/g, "\"\"")

/** The names of our metrics in an expression. */
export const metricsIn = (expression: string): ReadonlyArray<string> => [
  ...new Set(withoutTexts(withoutLabels(expression)).match(/\b(?:sluice|messaging|http)_[a-z0-9_]+/g) ?? [])
]

const labelLists = /\{([^}]*)\}|\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g

const withoutLabels = (expression: string): string => withoutTexts(expression).replace(labelLists, "")

/** The names of labels in an expression, but for those that Prometheus adds. */
export const labelsIn = (expression: string): ReadonlyArray<string> => {
  const names = [...withoutTexts(expression).matchAll(labelLists)].flatMap(([, matchers = "", grouped = ""]) =>
    `${matchers},${grouped}`.split(",").map((part) => part.trim().replace(/[=!~].*$/, "").trim())
  )
  const added = new Set(["", "le", "instance", "job"])
  return [...new Set(names)].filter((name) => !added.has(name))
}

/** The samples of a page for Prometheus: each name with the labels that it has anywhere. */
export const samplesOf = (page: string): ReadonlyMap<string, ReadonlySet<string>> => {
  const samples = new Map<string, Set<string>>()
  for (const line of page.split("\n")) {
    const [, name, labels = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? []
    if (name === undefined) continue
    const known = samples.get(name) ?? new Set<string>()
    for (const [, label = ""] of labels.matchAll(/([a-zA-Z_]\w*)="/g)) known.add(label)
    samples.set(name, known)
  }
  return samples
}

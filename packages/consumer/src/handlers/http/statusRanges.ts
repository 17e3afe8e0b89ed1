/**
 * Sets of status codes, written as `200-299,409`. Pure.
 */

/** From and to, both included. */
export type StatusRange = readonly [from: number, to: number]

const range = (text: string): StatusRange | undefined => {
  const [, from, to = from] = /^([1-5]\d\d)(?: *- *([1-5]\d\d))?$/.exec(text.trim()) ?? []
  return from === undefined || Number(from) > Number(to) ? undefined : [Number(from), Number(to)]
}

/** Reads a set; `undefined`: it is none. An empty text is the empty set. */
export const readStatusRanges = (text: string): ReadonlyArray<StatusRange> | undefined => {
  const ranges = text.trim() === "" ? [] : text.split(",").map(range)
  const read = ranges.filter((one) => one !== undefined)
  return read.length === ranges.length ? read : undefined
}

/** Whether a status code is in a set. */
export const isWithin = (status: number, ranges: ReadonlyArray<StatusRange>): boolean =>
  ranges.some(([from, to]) => status >= from && status <= to)

/**
 * Where a reader stands in all partitions of a queue, as text: `<epoch>-<number>` of each partition, base 36, joined by
 * commas. Opaque to everybody else. Pure.
 */
import type { EventPosition } from "./PartitionEvents.ts"

const format = ({ epoch, number }: EventPosition): string => `${epoch.toString(36)}-${number.toString(36)}`

/** The cursor of these positions. */
export const write = (positions: ReadonlyArray<EventPosition>): string => positions.map(format).join(",")

/** Makes cursors that differ in one partition only: the others are written once. */
export const writerOf = (
  positions: ReadonlyArray<EventPosition>,
  partition: number
): (position: EventPosition) => string => {
  const others = positions.map(format)
  const before = others.slice(0, partition).map((text) => `${text},`).join("")
  const after = others.slice(partition + 1).map((text) => `,${text}`).join("")
  return (position) => before + format(position) + after
}

const positionOf = (text: string): EventPosition | undefined => {
  const [, epoch, number] = /^([0-9a-z]{1,10})-([0-9a-z]{1,10})$/.exec(text) ?? []
  return epoch === undefined || number === undefined
    ? undefined
    : { epoch: Number.parseInt(epoch, 36), number: Number.parseInt(number, 36) }
}

/** The positions of a cursor for `count` partitions; `undefined`: it is none. */
export const read = (text: string, count: number): ReadonlyArray<EventPosition> | undefined => {
  const positions = text.split(",").map(positionOf)
  return positions.length === count && positions.every((position) => position !== undefined) ? positions : undefined
}

/**
 * Which partition a job belongs to. `Routed` calls it for each new job; everything else reads the partition off the id.
 *
 * The hash is part of the stored format: every process, in every version and language, has to agree on it, or the same
 * caller-given id would be taken in twice. It is 32-bit FNV-1a over UTF-16 code units, low byte first. Fixed vectors
 * are in the tests.
 */

/** 32-bit FNV-1a over the text's UTF-16 code units, each as two bytes, low byte first. 0 to 2^32 - 1. */
export const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    value = Math.imul(value ^ (unit & 0xff), 0x01000193)
    value = Math.imul(value ^ (unit >>> 8), 0x01000193)
  }
  return value >>> 0
}

/** The partition (0-based) of a routing text among `count` partitions. */
export const ofText = (text: string, count: number): number => count === 1 ? 0 : hash(text) % count

/**
 * Which partitions have woken which consumers of this process, and have not been asked since.
 *
 * For queues of several partitions: `Routed` notes each wake-up, `RoutedExchange` asks those partitions first, and comes
 * by at those that it has no room for, so that what is there wakes somebody else. Forgets a consumer that no longer
 * listens.
 */

interface Entry {
  readonly partitions: Set<number>
  listeners: number
}

/** See the module. */
export class Callers {
  private readonly entries = new Map<string, Entry>()

  /** Begins to note wake-ups of a consumer, which may listen more than once. Answers what to note them in. */
  listen(queue: string, consumer: string): Set<number> {
    const name = nameOf(queue, consumer)
    const entry = this.entries.get(name) ?? { partitions: new Set(), listeners: 0 }
    entry.listeners++
    this.entries.set(name, entry)
    return entry.partitions
  }

  /** Undoes one `listen`. */
  unlisten(queue: string, consumer: string): void {
    const name = nameOf(queue, consumer)
    const entry = this.entries.get(name)
    if (entry !== undefined && --entry.listeners === 0) this.entries.delete(name)
  }

  /** The partitions that have woken a consumer; whoever asks one takes it out. */
  of(queue: string, consumer: string): Set<number> {
    return this.entries.get(nameOf(queue, consumer))?.partitions ?? new Set()
  }
}

const nameOf = (queue: string, consumer: string): string => `${queue.length}:${queue}${consumer}`

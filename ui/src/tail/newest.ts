// The newest events and no more: how those that arrive come to lie on those that are shown.
import type { LogEvent } from '../api/types'

/** Nobody reads further back in a stream that moves; a search does that better. Keeps a burst from filling the memory. */
export const LIVE_EVENTS_MAX = 1000
/** Ids remembered to know an event that comes twice: what a server may send again after a lost connection, and ample. */
const IDS_MAX = 20_000

/** Puts what arrived (oldest first) on top of a list (newest first). */
export function putOnTop(arrived: LogEvent[], below: LogEvent[], max = LIVE_EVENTS_MAX): LogEvent[] {
  const top = arrived.slice(-max).reverse()
  return top.concat(below.slice(0, max - top.length))
}

/** Events that came and are not shown yet. Of more than can be shown only the count is kept. */
export class Backlog {
  count = 0
  #events: LogEvent[] = []

  constructor(readonly max = LIVE_EVENTS_MAX) {}

  add(events: LogEvent[]): void {
    this.count += events.length
    // Cut at twice the length, not at every event: each is moved once, however long the burst.
    this.#events = this.#events.concat(events.slice(-this.max))
    if (this.#events.length > 2 * this.max) this.#events = this.#events.slice(-this.max)
  }

  /** Takes them out, oldest first. */
  take(): LogEvent[] {
    const taken = this.#events.slice(-this.max)
    this.#events = []
    this.count = 0
    return taken
  }
}

/** Which events were here before. Two generations: when the younger is full, the older is forgotten. */
export class KnownIds {
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(
    readonly idOf: (event: LogEvent) => string,
    readonly max = IDS_MAX,
  ) {}

  /** Those not seen before, which from now on are. An event without an id is always new. */
  fresh(events: LogEvent[]): LogEvent[] {
    return events.filter((event) => this.#add(this.idOf(event)))
  }

  #add(id: string): boolean {
    if (id === '') return true
    if (this.#young.has(id) || this.#old.has(id)) return false
    this.#young.add(id)
    if (this.#young.size >= this.max / 2) {
      this.#old = this.#young
      this.#young = new Set()
    }
    return true
  }
}

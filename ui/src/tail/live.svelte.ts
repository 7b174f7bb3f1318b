// The events of a scope as they come, on top of those that a search found. However many come, the page draws them once per frame.
import type { Problem } from '../api/problem'
import type { LogEvent } from '../api/types'
import type { ListedEvents } from '../events/listed'
import { Backlog, KnownIds, putOnTop } from './newest'
import type { Gap, Sample, TailMessage } from './messages'
import { TailStream, tailUrl, type Connection, type Surroundings } from './stream'

export class LiveTail implements ListedEvents {
  on = $state(false)
  connection = $state<Connection>('closed')
  paused = $state(false)
  /** The newest first. */
  events = $state.raw<LogEvent[]>([])
  /** How many came, and how many of them are not shown yet. */
  received = $state(0)
  waiting = $state(0)
  /** Null while everything is sent. */
  sample = $state.raw<Sample | null>(null)
  gap = $state.raw<Gap | null>(null)
  problem = $state.raw<Problem | null>(null)
  /** False until the first rows are here, or it is known that there are none. */
  answered = $state(false)

  /** Which start this is: an answer to an earlier one comes too late. */
  turn = 0

  /** Further back only a search goes. */
  readonly hasMore = false
  readonly capped = false
  readonly busy = false

  #stream: TailStream | null = null
  #known: KnownIds
  #backlog = new Backlog()
  #arrived = 0
  #held = false
  #frameAsked = false

  constructor(
    readonly idOf: (event: LogEvent) => string,
    readonly around: Surroundings,
  ) {
    this.#known = new KnownIds(idOf)
  }

  /** Begins anew. `shown` stays on the screen until there is something to take its place. */
  start(scope: { table: string; query: string }, shown: LogEvent[]): void {
    this.stop()
    this.turn += 1
    this.events = shown
    this.answered = false
    this.paused = false
    this.sample = this.gap = this.problem = null
    this.received = this.waiting = this.#arrived = 0
    this.#known = new KnownIds(this.idOf)
    this.#backlog = new Backlog()
    this.on = true
    this.#stream = new TailStream(
      tailUrl(scope),
      { message: (message) => this.#hear(message), connection: (connection) => this.#connected(connection) },
      this.around,
    )
  }

  stop(): void {
    this.#stream?.close()
    this.#stream = null
    this.on = false
  }

  /** What the search found lies below what came meanwhile. */
  settle(found: LogEvent[]): void {
    const older = this.#known.fresh(found)
    this.events = putOnTop([], this.answered ? [...this.events, ...older] : older)
    this.answered = true
  }

  /** While somebody reads, nothing moves. */
  hold(reading: boolean): void {
    this.#held = reading
    if (!reading) this.#askFrame()
  }

  pause(paused: boolean): void {
    this.paused = paused
    if (!paused) this.#askFrame()
  }

  /** Shows what waits, whatever it waits for. */
  show(): void {
    const arrived = this.#backlog.take()
    this.waiting = 0
    if (arrived.length === 0) return
    this.events = putOnTop(arrived, this.answered ? this.events : [])
    this.answered = true
  }

  more(): void {}

  #connected(connection: Connection): void {
    this.connection = connection
    // A new connection says for itself whether it is a sample.
    if (connection === 'open') this.sample = null
  }

  #hear(message: TailMessage): void {
    switch (message.kind) {
      case 'rows':
        return this.#arrive(this.#known.fresh(message.events))
      case 'sampled':
        this.sample = message.rate < 1 ? message : null
        return
      case 'gap':
        this.gap = message
        return
      case 'refused':
        this.problem = message.problem
    }
  }

  #arrive(events: LogEvent[]): void {
    this.#backlog.add(events)
    this.#arrived += events.length
    this.#askFrame()
  }

  #askFrame(): void {
    if (this.#frameAsked) return
    this.#frameAsked = true
    this.around.frame(() => this.#draw())
  }

  #draw(): void {
    this.#frameAsked = false
    this.received = this.#arrived
    if (this.#held || this.paused) this.waiting = this.#backlog.count
    else this.show()
  }
}

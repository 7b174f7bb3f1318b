// The list of events: the first page of a scope, and the pages after it.
import { search } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import { RunningQuery } from '../api/running.svelte'
import type { LogEvent, Stats } from '../api/types'
import type { Scope } from '../explore/scope'
import type { ListedEvents } from './listed'

const PAGE_ROWS = 200
/** Beyond this nobody reads on; narrowing is quicker. Keeps the page's memory bounded. */
export const EVENTS_MAX = 10_000

export class EventSearch implements ListedEvents {
  events = $state.raw<LogEvent[]>([])
  stats = $state.raw<Stats | null>(null)
  problem = $state.raw<Problem | null>(null)
  /** False until the first answer: there is nothing to show yet, not even "nothing". */
  answered = $state(false)
  running = new RunningQuery()
  #cursor = $state<string | null>(null)
  #scope: Scope | null = null

  get busy(): boolean {
    return this.running.busy
  }

  get hasMore(): boolean {
    return this.#cursor !== null && this.events.length < EVENTS_MAX
  }

  get capped(): boolean {
    return this.#cursor !== null && this.events.length >= EVENTS_MAX
  }

  /** Searches anew. What is on the screen stays until the answer is here. False if none came. */
  async start(scope: Scope): Promise<boolean> {
    return await this.#ask(scope, null)
  }

  async more(): Promise<void> {
    if (!this.#scope || !this.hasMore || this.running.busy) return
    await this.#ask(this.#scope, this.#cursor)
  }

  async #ask(scope: Scope, cursor: string | null): Promise<boolean> {
    this.problem = null
    try {
      const answer = await this.running.run((query_id, signal) =>
        search({ ...scope, limit: PAGE_ROWS, query_id, ...(cursor === null ? {} : { cursor }) }, signal),
      )
      this.events = cursor === null ? answer.events : [...this.events, ...answer.events]
      this.stats = answer.stats
      this.#cursor = answer.next_cursor ?? null
      // A relative range was turned into instants by the server: the next pages must mean the same ones.
      this.#scope = pinned(scope, answer.since, answer.until)
      this.answered = true
      return true
    } catch (thrown) {
      this.problem = problemOf(thrown)
      return false
    }
  }
}

function pinned(scope: Scope, since?: string | null, until?: string | null): Scope {
  return { ...scope, ...(since ? { since } : {}), ...(until ? { until } : {}) }
}

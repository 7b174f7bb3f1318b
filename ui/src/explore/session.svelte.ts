// One look at the lake: the list, the histogram and the sidebar of one scope, and if wanted its new events as they come;
// started and cancelled together.
import type { Table } from '../api/types'
import type { ListedEvents } from '../events/listed'
import { EventSearch } from '../events/search.svelte'
import { Facets } from '../fields/facets.svelte'
import { HistogramQuery } from '../histogram/query.svelte'
import { asText, defaultColumns, idColumn } from '../lake/columns'
import { browser } from '../tail/browser'
import { LiveTail } from '../tail/live.svelte'
import type { Scope } from './scope'

export class ExploreSession {
  search = new EventSearch()
  histogram = new HistogramQuery()
  facets: Facets
  live: LiveTail

  constructor(table: Table) {
    this.facets = new Facets(table, defaultColumns(table))
    this.live = new LiveTail((event) => asText(event[idColumn(table)]), browser)
  }

  get busy(): boolean {
    return this.search.running.busy || this.histogram.running.busy || this.facets.running.busy
  }

  /** What the list shows. */
  get listed(): ListedEvents {
    return this.live.on ? this.live : this.search
  }

  /** They run side by side; each shows its answer when it has one. */
  start(scope: Scope, live: boolean): void {
    if (live) this.#startLive(scope)
    else {
      this.live.stop()
      void this.search.start(scope)
    }
    void this.histogram.start(scope)
    void this.facets.start(scope)
  }

  cancel(): void {
    this.search.running.cancel()
    this.histogram.running.cancel()
    this.facets.cancel()
  }

  close(): void {
    this.live.stop()
    this.cancel()
  }

  /** The tail first, so that no event falls between it and the search. */
  #startLive(scope: Scope): void {
    this.live.start(scope, this.listed.events)
    const started = this.live.turn
    void this.search.start(scope).then((answered) => {
      if (this.live.turn === started) this.live.settle(answered ? this.search.events : [])
    })
  }
}

// One look at the lake: the list, the histogram and the sidebar of one scope, started and cancelled together.
import type { Table } from '../api/types'
import { EventSearch } from '../events/search.svelte'
import { Facets } from '../fields/facets.svelte'
import { HistogramQuery } from '../histogram/query.svelte'
import { defaultColumns } from '../lake/columns'
import type { Scope } from './scope'

export class ExploreSession {
  search = new EventSearch()
  histogram = new HistogramQuery()
  facets: Facets

  constructor(table: Table) {
    this.facets = new Facets(table, defaultColumns(table))
  }

  get busy(): boolean {
    return this.search.running.busy || this.histogram.running.busy || this.facets.running.busy
  }

  /** The three run side by side; each shows its answer when it has one. */
  start(scope: Scope): void {
    void this.search.start(scope)
    void this.histogram.start(scope)
    void this.facets.start(scope)
  }

  cancel(): void {
    this.search.running.cancel()
    this.histogram.running.cancel()
    this.facets.cancel()
  }
}

// An event named by a link that is not in the list: fetched on its own.
import { search } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import { RunningQuery } from '../api/running.svelte'
import type { LogEvent, Table } from '../api/types'
import { asText, idColumn } from '../lake/columns'
import { writeTerm } from '../query/terms'
import { between } from '../time/range'
import type { OpenEvent } from '../url/view'

export class LinkedEvent {
  event = $state.raw<LogEvent | null>(null)
  problem = $state.raw<Problem | null>(null)
  missing = $state(false)
  running = new RunningQuery()

  /** An event that is at hand: it may leave the list while it is read. */
  keep(event: LogEvent): void {
    this.running.cancel()
    this.event = event
    this.missing = false
    this.problem = null
  }

  async fetch(table: Table, { id, at }: OpenEvent): Promise<void> {
    if (this.event && asText(this.event[idColumn(table)]) === id) return
    this.event = null
    this.missing = false
    this.problem = null
    const query = writeTerm({ field: idColumn(table), value: id, exclude: false })
    const atMs = Date.parse(at ?? '')
    const range = Number.isNaN(atMs) ? {} : between(atMs, atMs + 1000)
    try {
      const answer = await this.running.run((query_id, signal) =>
        search({ table: table.name, query, ...range, limit: 1, query_id }, signal),
      )
      this.event = answer.events[0] ?? null
      this.missing = this.event === null
    } catch (thrown) {
      this.problem = problemOf(thrown)
    }
  }
}

// The top values of the fields that are open in the sidebar. A closed field costs nothing; opening one asks for that one only.
import { fields as fetchFields } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import { RunningQuery } from '../api/running.svelte'
import type { FieldValues, Table } from '../api/types'
import type { Scope } from '../explore/scope'
import { isTextList, readStored, writeStored } from '../prefs/stored'

export const VALUES_FEW = 6
const VALUES_MAX = 30
const OPEN_AT_FIRST = 5

export class Facets {
  values = $state.raw<Record<string, FieldValues>>({})
  total = $state(0)
  problem = $state.raw<Problem | null>(null)
  open: string[] = $state([])
  running = new RunningQuery()
  #single = new RunningQuery()
  #scope: Scope | null = null
  #table: string

  constructor(table: Table, expected: string[]) {
    this.#table = table.name
    const known = new Set(table.columns.map((column) => column.name))
    const stored = readStored(`fields.${table.name}`, isTextList)
    this.open = stored?.filter((name) => known.has(name)) ?? firstOpen(table, expected)
  }

  async start(scope: Scope): Promise<void> {
    this.#single.cancel()
    this.#scope = scope
    this.problem = null
    // Values of fields that are closed now belong to an older search.
    if (this.open.length > 0) await this.#ask(this.running, scope, [...this.open], true)
    else this.values = {}
  }

  async toggle(name: string): Promise<void> {
    const wasOpen = this.open.includes(name)
    this.open = wasOpen ? this.open.filter((other) => other !== name) : [...this.open, name]
    writeStored(`fields.${this.#table}`, this.open)
    if (!wasOpen && !this.values[name] && this.#scope) await this.#ask(this.#single, this.#scope, [name], false)
  }

  cancel(): void {
    this.running.cancel()
    this.#single.cancel()
  }

  async #ask(slot: RunningQuery, scope: Scope, names: string[], fresh: boolean): Promise<void> {
    try {
      const answer = await slot.run((query_id, signal) =>
        fetchFields({ ...scope, fields: names, limit: VALUES_MAX, query_id }, signal),
      )
      const got = Object.fromEntries(answer.fields.map((field) => [field.name, field]))
      this.values = fresh ? got : { ...this.values, ...got }
      this.total = answer.total
    } catch (thrown) {
      this.problem = problemOf(thrown)
    }
  }
}

/** The fields that the event list shows are those people filter by first. */
function firstOpen(table: Table, expected: string[]): string[] {
  const facets = table.columns.filter((column) => column.facet).map((column) => column.name)
  const both = expected.filter((name) => facets.includes(name))
  return [...new Set([...both, ...facets])].slice(0, OPEN_AT_FIRST)
}

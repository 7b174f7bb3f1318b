// The tables of the lake, asked for once when the page opens and again on request.
import { tables as fetchTables } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import type { Table } from '../api/types'

/** What people mean when they open a log lake and name nothing. */
const PREFERRED = 'cloudtrail'

class Lake {
  tables = $state.raw<Table[]>([])
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  problem = $state.raw<Problem | null>(null)

  async load(): Promise<void> {
    try {
      this.tables = await fetchTables()
      this.state = 'ready'
      this.problem = null
    } catch (thrown) {
      this.problem = problemOf(thrown)
      this.state = 'failed'
    }
  }

  get empty(): boolean {
    return this.state === 'ready' && !this.tables.some((table) => table.rows > 0)
  }

  /** The table of that name; without a name the preferred one, else the fullest. Undefined if there is none. */
  pick(name: string | null): Table | undefined {
    if (name !== null) return this.tables.find((table) => table.name === name)
    const filled = this.tables.filter((table) => table.rows > 0 && table.kind === 'table')
    return (
      filled.find((table) => table.name === PREFERRED) ?? filled.sort((a, b) => b.rows - a.rows)[0] ?? this.tables[0]
    )
  }
}

export const lake = new Lake()

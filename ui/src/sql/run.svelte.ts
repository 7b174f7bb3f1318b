// One SQL statement at a time: its result, or why there is none.
import { sql } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import { RunningQuery } from '../api/running.svelte'
import type { SqlAnswer } from '../api/types'

export class SqlRun {
  answer = $state.raw<SqlAnswer | null>(null)
  problem = $state.raw<Problem | null>(null)
  cancelled = $state(false)
  running = new RunningQuery()

  async start(statement: string, limit: number): Promise<void> {
    this.problem = null
    this.cancelled = false
    try {
      this.answer = await this.running.run((query_id, signal) => sql({ statement, limit, query_id }, signal))
    } catch (thrown) {
      this.problem = problemOf(thrown)
      if (this.problem) this.answer = null
    }
  }

  cancel(): void {
    this.cancelled = this.running.busy
    this.running.cancel()
  }
}

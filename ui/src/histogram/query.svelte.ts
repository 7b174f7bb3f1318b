// Counts over time for a scope.
import { histogram } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import { RunningQuery } from '../api/running.svelte'
import type { HistogramAnswer } from '../api/types'
import type { Scope } from '../explore/scope'

const BUCKETS = 80

export class HistogramQuery {
  answer = $state.raw<HistogramAnswer | null>(null)
  problem = $state.raw<Problem | null>(null)
  running = new RunningQuery()

  async start(scope: Scope): Promise<void> {
    this.problem = null
    try {
      this.answer = await this.running.run((query_id, signal) => histogram({ ...scope, buckets: BUCKETS, query_id }, signal))
    } catch (thrown) {
      this.problem = problemOf(thrown)
      if (this.problem) this.answer = null
    }
  }
}

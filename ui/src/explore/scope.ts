// What is being looked at: a table, a query, a time range. The list, the histogram and the sidebar all ask for the same scope.
import type { TimeRange } from '../time/range'

export interface Scope extends TimeRange {
  table: string
  query: string
}

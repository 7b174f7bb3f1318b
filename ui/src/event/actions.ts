// What an opened event can ask of the page around it.
import type { Term } from '../query/terms'

export interface EventActions {
  filter(term: Term): void
  addColumn(path: string): void
}

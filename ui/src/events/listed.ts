// What the event list draws: the answer of a search, or what comes in live.
import type { Problem } from '../api/problem'
import type { LogEvent } from '../api/types'

export interface ListedEvents {
  /** The newest first. */
  readonly events: LogEvent[]
  readonly hasMore: boolean
  /** There would be more, but not for this list. */
  readonly capped: boolean
  readonly busy: boolean
  readonly problem: Problem | null
  more(): void
}

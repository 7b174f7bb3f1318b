// What the tail says, message by message. Whatever is not as promised is no message: a stream is never broken by one line of it.
import { problemFrom, type Problem } from '../api/problem'
import type { LogEvent } from '../api/types'

/** From now on only this share of the events is sent. */
export interface Sample {
  rate: number
  seen: number
  sent: number
}

/** Events that will not come: the place to go on from was too long ago. */
export interface Gap {
  reason: string
  /** Null if nobody knows how many. */
  skipped: number | null
}

export type TailMessage =
  | { kind: 'rows'; events: LogEvent[] }
  | ({ kind: 'sampled' } & Sample)
  | ({ kind: 'gap' } & Gap)
  | { kind: 'refused'; problem: Problem }

export const MESSAGE_KINDS = ['rows', 'sampled', 'gap', 'refused'] as const
type Kind = (typeof MESSAGE_KINDS)[number]

const READERS: Record<Kind, (fields: Record<string, unknown>) => TailMessage | null> = {
  rows: ({ events }) => (Array.isArray(events) ? { kind: 'rows', events: events.filter(isObject) } : null),
  sampled: ({ rate, seen, sent }) =>
    isCount(rate) ? { kind: 'sampled', rate: Math.min(rate, 1), seen: isCount(seen) ? seen : 0, sent: isCount(sent) ? sent : 0 } : null,
  gap: ({ reason, skipped }) => ({
    kind: 'gap',
    reason: typeof reason === 'string' ? reason : '',
    skipped: isCount(skipped) ? skipped : null,
  }),
  refused: (fields) => ({ kind: 'refused', problem: problemFrom(fields, isCount(fields.status) ? fields.status : 400) }),
}

export function readMessage(kind: Kind, data: string): TailMessage | null {
  let fields: unknown
  try {
    fields = JSON.parse(data)
  } catch {
    fields = null
  }
  // A refusal that cannot be read is one all the same: asking again would not help.
  if (!isObject(fields)) return kind === 'refused' ? READERS.refused({}) : null
  return READERS[kind](fields)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

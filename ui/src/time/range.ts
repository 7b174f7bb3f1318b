// The time range of a search: what the URL says, what the server is asked, and how zooming changes it.
import { isoOf } from './instant'

/** Both absent: everything. `since` may be relative (`24h` = that long ago), and then there is no end. */
export interface TimeRange {
  since?: string
  until?: string
}

export const QUICK_RANGES = ['15m', '1h', '24h', '7d', '30d'] as const

const DAY_MS = 24 * 3600_000
const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3600_000, d: DAY_MS, w: 7 * DAY_MS }

/** Milliseconds of `15m`, `24h`, `7d`; null if the text is not relative. */
export function relativeMs(text: string): number | null {
  const match = /^(\d{1,6})([smhdw])$/.exec(text)
  return match ? Number(match[1]) * UNITS_MS[match[2]!]! : null
}

/** What a table is searched over when nobody said: the last day if it is fed right now, else all it has. */
export function defaultRange(extent: { min_time?: string | null; max_time?: string | null }, now: number): TimeRange {
  const min = Date.parse(extent.min_time ?? '')
  const max = Date.parse(extent.max_time ?? '')
  if (Number.isNaN(min) || Number.isNaN(max)) return {}
  if (now - max <= DAY_MS) return { since: '24h' }
  return between(min, max + 1)
}

/** A range between two instants (ms), widened to whole seconds so that its ends are in it. */
export function between(fromMs: number, toMs: number): TimeRange {
  const from = Math.floor(fromMs / 1000) * 1000
  const to = Math.max(Math.ceil(toMs / 1000) * 1000, from + 1000)
  return { since: isoOf(new Date(from)), until: isoOf(new Date(to)) }
}

/** Three times as wide around the same middle, but not beyond what the table has: then it is everything. */
export function zoomOut(fromMs: number, toMs: number, extent: { from: number; to: number } | null): TimeRange {
  const width = Math.max(toMs - fromMs, 1000)
  const from = fromMs - width
  const to = toMs + width
  if (extent && from <= extent.from && to >= extent.to) return {}
  return between(from, to)
}

export function sameRange(a: TimeRange, b: TimeRange): boolean {
  return a.since === b.since && a.until === b.until
}

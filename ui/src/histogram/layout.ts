// The arithmetic of the histogram: where bars stand, which tick labels fit, what a drag selects. No drawing here.
import type { HistogramAnswer } from '../api/types'
import type { Zone } from '../prefs/zone.svelte'
import { showInstant } from '../time/instant'

export interface Bar {
  fromMs: number
  toMs: number
  count: number
  errors: number
}

const TICK_WIDTH_PX = 110
/** More bars than pixels help nobody. */
const BARS_MAX = 1000

/** Bars side by side over the whole range. Buckets the server left out, because nothing is in them, are bars of nothing. */
export function barsOf(answer: Pick<HistogramAnswer, 'buckets' | 'step_seconds' | 'since' | 'until'>): Bar[] {
  const { buckets, since, until } = answer
  const first = buckets[0]
  const stepMs = answer.step_seconds * 1000
  if (!first || !(stepMs > 0)) return []
  const anchor = Date.parse(first.time)
  const before = since ? Math.max(0, Math.ceil((anchor - Date.parse(since)) / stepMs)) : 0
  const lastMs = Date.parse(buckets.at(-1)!.time) + stepMs
  const endMs = until ? Math.max(lastMs, Date.parse(until)) : lastMs
  const start = anchor - Math.min(before, BARS_MAX) * stepMs
  const count = Math.min(BARS_MAX, Math.ceil((endMs - start) / stepMs))
  const byIndex = new Map(buckets.map((bucket) => [Math.round((Date.parse(bucket.time) - start) / stepMs), bucket]))
  return Array.from({ length: count }, (_, index) => {
    const fromMs = start + index * stepMs
    const { count = 0, errors = 0 } = byIndex.get(index) ?? {}
    return { fromMs, toMs: fromMs + stepMs, count, errors }
  })
}

/** The smallest of 1, 2, 5 × 10ⁿ that holds the highest bar. */
export function niceCeiling(value: number): number {
  if (value <= 1) return 1
  const magnitude = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 5, 10].find((factor) => factor * magnitude >= value) ?? 10
  return step * magnitude
}

/** Index of the bar under x, from the left edge of `width` pixels. */
export function barAt(x: number, width: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor((x / Math.max(width, 1)) * count)))
}

export interface Tick {
  /** Share of the width, 0 to 1. */
  at: number
  label: string
}

/** Labels under the bars: as many as fit, with the date only where it changes. */
export function ticksOf(bars: Bar[], width: number, zone: Zone): Tick[] {
  const room = Math.max(1, Math.floor(width / TICK_WIDTH_PX))
  const every = Math.max(1, Math.ceil(bars.length / room))
  const long = bars.length > 0 && bars.at(-1)!.toMs - bars[0]!.fromMs > 3 * 24 * 3600_000
  let lastDate = ''
  return bars.flatMap((bar, index) => {
    if (index % every !== 0 || index / bars.length > 1 - 60 / Math.max(width, 60)) return []
    const shown = showInstant(new Date(bar.fromMs).toISOString(), zone)
    const [date = '', time = ''] = shown.split(' ')
    const withDate = date !== lastDate
    lastDate = date
    const clock = time.slice(0, bar.toMs - bar.fromMs < 60_000 ? 8 : 5)
    const dateText = date.slice(5)
    const label = long ? (clock === '00:00' || withDate ? dateText : `${dateText} ${clock}`) : withDate ? `${dateText} ${clock}` : clock
    return [{ at: index / bars.length, label }]
  })
}

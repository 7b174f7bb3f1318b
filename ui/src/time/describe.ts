// A time range in a few words, for the button of the time picker.
import type { Messages } from '../i18n/en'
import type { Zone } from '../prefs/zone.svelte'
import { showInstant } from './instant'
import { QUICK_RANGES, relativeMs, type TimeRange } from './range'

export function describeRange(range: TimeRange, zone: Zone, words: Messages['time']): string {
  const { since, until } = range
  if (!since && !until) return words.all
  if (since && !until && relativeMs(since) !== null) {
    const quick = QUICK_RANGES.find((span) => span === since)
    return quick ? words.quick[quick] : words.last(since)
  }
  const from = since && tidy(since, zone)
  const to = until && tidy(until, zone)
  if (from && to) return `${from} – ${sharesDay(from, to) ? to.slice(11) : to}`
  return from ? words.since(from) : words.before(to!)
}

/** The same for events that go on coming: where an end would stand, `now` does. */
export function describeOpenRange({ since }: TimeRange, zone: Zone, words: Messages['time'], now: string): string {
  const relative = !since || relativeMs(since) !== null
  return `${relative ? describeRange(since ? { since } : {}, zone, words) : tidy(since, zone)} – ${now}`
}

function tidy(instant: string, zone: Zone): string {
  return relativeMs(instant) === null ? showInstant(instant, zone).replace(/:00$/, '') : `−${instant}`
}

function sharesDay(from: string, to: string): boolean {
  return from.length >= 16 && from.slice(0, 10) === to.slice(0, 10)
}

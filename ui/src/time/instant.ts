// Instants as people read and type them. An instant stays the RFC 3339 text of the server; only display goes through Date,
// so that microseconds survive.
import type { Zone } from '../prefs/zone.svelte'

/** `2026-11-03 14:05:09.123`, in the zone asked for. Milliseconds only if there are any; text that is no time comes back as it is. */
export function showInstant(text: string, zone: Zone): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return text
  const shown = zone === 'utc' ? date.toISOString().slice(0, 23) : localIso(date)
  return shown.replace('T', ' ').replace(/\.000$/, '')
}

/** What a tooltip says: the full instant, in UTC and in the reader's zone. */
export function explainInstant(text: string): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return text
  return `${text}\n${localIso(date).replace('T', ' ')} ${offsetOf(date)} ${zoneName()}`
}

/** Reads what a person types as a moment: a date, a date with a time, or RFC 3339. Null if it is none. */
export function parseInstant(typed: string, zone: Zone): Date | null {
  const match = /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i.exec(typed)
  if (!match) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', offset] = match
  const own = zone === 'utc' ? 'Z' : ''
  const normal = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}`
  const date = new Date(normal + (offset ? offset.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2') : own))
  if (Number.isNaN(date.getTime())) return null
  // `2026-02-31` rolls over silently in some engines: refuse it.
  return new Date(Date.UTC(+year!, +month! - 1, +day!)).getUTCDate() === +day! ? date : null
}

/** RFC 3339 without needless zeros, for URLs and requests. */
export function isoOf(date: Date): string {
  return date.toISOString().replace(/\.000Z$/, 'Z')
}

/** Asked for once: it takes longer than all else about an instant, and a list that moves shows many. */
let zoneKnown: string | undefined
function zoneName(): string {
  zoneKnown ??= Intl.DateTimeFormat().resolvedOptions().timeZone
  return zoneKnown
}

function localIso(date: Date): string {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 23)
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const two = (n: number) => String(Math.trunc(Math.abs(n))).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

// Counts, sizes and spans the way people read them.
import type { Language } from './language.svelte'

export function showCount(n: number, language: Language): string {
  return n.toLocaleString(language)
}

/** For narrow places: `12.3k`, in Japanese `1.2万`. */
export function showCompact(n: number, language: Language): string {
  return n < 10_000 ? showCount(n, language) : Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(n)
}

export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0)
  const value = bytes / 1024 ** power
  return `${value >= 100 || power === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`
}

/** A share of 1 in two digits: `25 %`. What is not all is never shown as all. */
export function showShare(share: number, language: Language): string {
  const percent = share < 1 ? Math.min(share * 100, 99) : 100
  return `${percent.toLocaleString(language, { maximumSignificantDigits: percent < 100 ? 2 : 3 })} %`
}

export function showSeconds(seconds: number): string {
  return seconds >= 10 ? seconds.toFixed(0) : seconds >= 1 ? seconds.toFixed(1) : seconds.toFixed(2)
}

const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** `30 minutes`, `6 hours`, `1 day`; in Japanese `30 分`. The largest unit that divides it. */
export function showSpan(seconds: number, language: Language): string {
  const [unit, size] = SPANS.find(([, size]) => seconds >= size && seconds % size === 0) ?? SPANS[3]
  return Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 3 }).format(seconds / size)
}

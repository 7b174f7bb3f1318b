// Time ranges: defaults, widening, zooming.
import { expect, test } from 'vitest'
import { between, defaultRange, relativeMs, sameRange, zoomOut } from './range'

const at = (text: string) => Date.parse(text)

test('a table that is fed now shows its last day, another all it has', () => {
  const now = at('2026-11-21T12:00:00Z')
  const old = { min_time: '2021-07-29T00:00:00.500000Z', max_time: '2021-08-02T00:00:00.000000Z' }
  expect(defaultRange({ ...old, max_time: '2026-11-21T11:00:00Z' }, now)).toEqual({ since: '24h' })
  const range = defaultRange(old, now)
  expect(at(range.since!)).toBeLessThanOrEqual(at(old.min_time))
  expect(at(range.until!)).toBeGreaterThan(at(old.max_time))
  expect(defaultRange({ min_time: null, max_time: null }, now)).toEqual({})
})

test('relative texts', () => {
  expect([relativeMs('15m'), relativeMs('2w'), relativeMs('1x'), relativeMs('2026-01-01')]).toEqual([
    900_000,
    1_209_600_000,
    null,
    null,
  ])
})

test('a range has at least a second, and zooming out ends with everything', () => {
  const range = between(1_500, 1_500)
  expect(at(range.until!) - at(range.since!)).toBe(1_000)
  expect(zoomOut(1_000, 2_000, { from: 500, to: 2_500 })).toEqual({})
  expect(sameRange(zoomOut(10_000, 20_000, null), between(0, 30_000))).toBe(true)
})

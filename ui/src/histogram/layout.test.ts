// The arithmetic of the histogram.
import { expect, test } from 'vitest'
import { barAt, barsOf, niceCeiling } from './layout'

const at = (hour: number) => new Date(Date.UTC(2026, 10, 18, hour)).toISOString()

test('bars stand side by side, also where nothing happened', () => {
  const buckets = [
    { time: at(1), count: 5, errors: 1 },
    { time: at(3), count: 2, errors: 0 },
  ]
  const bars = barsOf({ buckets, step_seconds: 3600, since: at(0), until: at(5) })
  expect(bars.map((bar) => bar.count)).toEqual([0, 5, 0, 2, 0])
  expect(bars[0]!.toMs).toBe(bars[1]!.fromMs)
  expect(barsOf({ buckets: [], step_seconds: 3600, since: at(0), until: at(1) })).toEqual([])
})

test('axes end at round numbers and a pointer is always over a bar', () => {
  expect([0, 1, 3, 7, 99, 101].map(niceCeiling)).toEqual([1, 1, 5, 10, 100, 200])
  expect([barAt(-5, 100, 10), barAt(55, 100, 10), barAt(500, 100, 10)]).toEqual([0, 5, 9])
})

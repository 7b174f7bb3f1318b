// How a stream becomes a list: newest first, none twice, never longer than it may be.
import { expect, test } from 'vitest'
import type { LogEvent } from '../api/types'
import { Backlog, KnownIds, putOnTop } from './newest'

const events = (...ids: (number | string)[]): LogEvent[] => ids.map((id) => ({ _id: String(id) }))
const ids = (list: LogEvent[]) => list.map((event) => event._id).join(' ')
const known = (max?: number) => new KnownIds((event) => String(event._id ?? ''), max)

test('what arrives lies on top, the newest first', () => {
  expect(ids(putOnTop(events(3, 4), events(2, 1)))).toBe('4 3 2 1')
  expect(ids(putOnTop([], events(2, 1)))).toBe('2 1')
})

test('the oldest go when there are too many', () => {
  expect(ids(putOnTop(events(4, 5), events(3, 2, 1), 4))).toBe('5 4 3 2')
  expect(ids(putOnTop(events(1, 2, 3, 4, 5), events(0), 3))).toBe('5 4 3')
})

test('a backlog counts all and keeps the newest', () => {
  const backlog = new Backlog(3)
  for (let n = 0; n < 100; n += 1) backlog.add(events(n))
  backlog.add(events(...Array.from({ length: 50 }, (_, n) => 100 + n)))
  expect(backlog.count).toBe(150)
  expect(ids(backlog.take())).toBe('147 148 149')
  expect(backlog.count).toBe(0)
  expect(backlog.take()).toEqual([])
})

test('an event is new once', () => {
  const seen = known()
  expect(ids(seen.fresh(events('a', 'b', 'a')))).toBe('a b')
  expect(ids(seen.fresh(events('b', 'c')))).toBe('c')
})

test('events without an id are always new', () => {
  const seen = known()
  expect(seen.fresh([{}, {}]).length + seen.fresh([{}]).length).toBe(3)
})

test('half of the ids that may be remembered always are', () => {
  const seen = known(10)
  for (let n = 0; n < 1000; n += 1) {
    expect(seen.fresh(events(n)).length).toBe(1)
    expect(seen.fresh(events(...[n, n - 1, n - 2, n - 3].filter((id) => id >= 0)))).toEqual([])
  }
})

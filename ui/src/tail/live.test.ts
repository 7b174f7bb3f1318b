// What a person sees of a stream: new events on top, once each, and nothing that moves under their eyes.
import { beforeEach, expect, test } from 'vitest'
import type { LogEvent } from '../api/types'
import { FakeBrowser } from './fake-source'
import { LiveTail } from './live.svelte'
import { LIVE_EVENTS_MAX } from './newest'

let browser: FakeBrowser
let live: LiveTail

const events = (...ids: (number | string)[]): LogEvent[] => ids.map((id) => ({ _id: String(id) }))
const shown = () => live.events.map((event) => event._id).join(' ')
const say = (...ids: (number | string)[]) => browser.source.say('rows', { table: 'jsonlog', events: events(...ids) })
const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

beforeEach(() => {
  browser = new FakeBrowser()
  live = new LiveTail((event) => String(event._id ?? ''), browser)
  live.start({ table: 'jsonlog', query: 'x' }, events('stale'))
  browser.source.opens()
})

test('what was on the screen stays until something takes its place', () => {
  expect(shown()).toBe('stale')
  say(1)
  expect(shown()).toBe('stale')
  browser.draw()
  expect(shown()).toBe('1')
})

test('events lie on those that the search found, none twice', () => {
  say(3, 4)
  live.settle(events(3, 2, 1))
  expect(shown()).toBe('2 1')
  browser.draw()
  expect(shown()).toBe('4 3 2 1')
  say(2, 5)
  browser.draw()
  expect(shown()).toBe('5 4 3 2 1')
})

test('a search that answers late comes below', () => {
  say(3, 4)
  browser.draw()
  live.settle(events(4, 2, 1))
  expect(shown()).toBe('4 3 2 1')
})

test('a search that finds nothing leaves nothing', () => {
  live.settle([])
  expect([shown(), live.answered]).toEqual(['', true])
})

test('a burst is one drawing, and the list stays short', () => {
  live.settle([])
  for (let message = 0; message < 200; message += 1) say(...range(message * 50, 50))
  expect(live.received).toBe(0)
  expect(browser.draw()).toBe(1)
  expect([live.received, live.events.length, live.events[0]!._id]).toEqual([10_000, LIVE_EVENTS_MAX, '9999'])
})

test('while somebody reads, only the count goes up', () => {
  live.settle(events(1))
  live.hold(true)
  say(2)
  say(3)
  browser.draw()
  expect([shown(), live.waiting, live.received]).toEqual(['1', 2, 2])
  live.hold(false)
  browser.draw()
  expect([shown(), live.waiting]).toEqual(['3 2 1', 0])
})

test('a pause holds, and what came meanwhile can be seen without ending it', () => {
  live.settle(events(1))
  live.pause(true)
  say(2)
  browser.draw()
  expect([shown(), live.waiting]).toEqual(['1', 1])
  live.show()
  expect([shown(), live.waiting, live.paused]).toEqual(['2 1', 0, true])
  say(3)
  live.pause(false)
  browser.draw()
  expect(shown()).toBe('3 2 1')
})

test('after a lost connection nothing comes twice', () => {
  live.settle([])
  say(1, 2)
  browser.source.breaks()
  expect(live.connection).toBe('reconnecting')
  browser.source.opens()
  say(1, 2, 3)
  browser.draw()
  expect([shown(), live.received, live.connection]).toEqual(['3 2 1', 3, 'open'])
})

test('a sample is one until it is said to be everything, or the connection is another', () => {
  browser.source.say('sampled', { rate: 0.25, seen: 4, sent: 1 })
  expect(live.sample).toMatchObject({ rate: 0.25, seen: 4, sent: 1 })
  browser.source.say('sampled', { rate: 1, seen: 4, sent: 4 })
  expect(live.sample).toBeNull()
  browser.source.say('sampled', { rate: 0.5 })
  browser.source.breaks()
  browser.source.opens()
  expect(live.sample).toBeNull()
})

test('a gap and a refusal are told', () => {
  browser.source.say('gap', { reason: 'too old', skipped: 12 })
  browser.source.say('refused', { title: 'Unknown table', status: 404 })
  expect([live.gap?.skipped, live.problem?.title, live.connection]).toEqual([12, 'Unknown table', 'closed'])
})

test('another query is another connection, and the old one is not heard', () => {
  const old = browser.source
  live.start({ table: 'jsonlog', query: 'y' }, live.events)
  old.say('rows', { events: events('old') })
  browser.draw()
  expect([browser.sources.length, old.readyState, live.received]).toEqual([2, 2, 0])
  expect(browser.source.url).toContain('query=y')
  live.stop()
  expect([live.on, live.connection, browser.source.readyState]).toEqual([false, 'closed', 2])
})

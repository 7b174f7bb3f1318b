// How a connection to the tail opens, breaks, comes back, and ends.
import { beforeEach, expect, test } from 'vitest'
import { FakeBrowser } from './fake-source'
import type { TailMessage } from './messages'
import { TailStream, tailUrl, type Connection } from './stream'

let browser: FakeBrowser
let stream: TailStream
let heard: TailMessage[]
let states: Connection[]

beforeEach(() => {
  browser = new FakeBrowser()
  heard = []
  states = []
  const listener = { message: (message: TailMessage) => void heard.push(message), connection: (state: Connection) => void states.push(state) }
  stream = new TailStream('/tail', listener, browser)
})

test('the address carries table and query, and no empty query', () => {
  expect(tailUrl({ table: 'jsonlog', query: 'a:"b c" -d&e' })).toBe('/api/v1/tail?table=jsonlog&query=a%3A%22b+c%22+-d%26e')
  expect(tailUrl({ table: 'jsonlog', query: '' })).toBe('/api/v1/tail?table=jsonlog')
})

test('messages are heard, gibberish is not', () => {
  browser.source.opens()
  browser.source.say('rows', { events: [{ _id: 'a' }] })
  browser.source.say('rows', 'gibberish')
  browser.source.say('sampled', { rate: 0.5 })
  expect(heard.map(({ kind }) => kind)).toEqual(['rows', 'sampled'])
})

test('a lost connection is left to the browser, which knows the last id', () => {
  browser.source.opens()
  browser.source.breaks()
  browser.source.opens()
  expect(states).toEqual(['connecting', 'open', 'reconnecting', 'open'])
  expect([browser.sources.length, browser.pass()]).toEqual([1, false])
})

test('an answer that is no stream is asked for again, later each time', () => {
  browser.source.opens()
  for (let turn = 0; turn < 7; turn += 1) {
    browser.source.isNoStream()
    browser.pass()
  }
  expect(browser.waits).toEqual([1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000])
  expect(states.at(-1)).toBe('reconnecting')
  expect(heard).toEqual([])
  browser.source.opens()
  // Nobody could say where to go on from.
  expect(heard).toEqual([{ kind: 'gap', reason: '', skipped: null }])
  browser.source.isNoStream()
  expect(browser.waits.at(-1)).toBe(1000)
})

test('a server that never had a stream is not asked for ever', () => {
  while (states.at(-1) !== 'failed') {
    browser.source.isNoStream()
    browser.pass()
  }
  expect(browser.sources.length).toBe(3)
})

test('a refusal ends it', () => {
  browser.source.opens()
  browser.source.say('refused', { title: 'Bad query', status: 400 })
  expect(heard).toMatchObject([{ kind: 'refused', problem: { title: 'Bad query' } }])
  expect([browser.source.readyState, states.at(-1), browser.pass()]).toEqual([2, 'closed', false])
})

test('once closed, nothing is heard and nothing is tried', () => {
  const { source } = browser
  source.isNoStream()
  stream.close()
  source.say('rows', { events: [{}] })
  expect([heard.length, states.at(-1), browser.pass()]).toEqual([0, 'closed', false])
})

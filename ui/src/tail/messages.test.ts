// What the tail says, and what it may say without being heard.
import { describe, expect, test } from 'vitest'
import { readMessage } from './messages'

describe('messages', () => {
  test('rows are events as a search answers them', () => {
    const data = '{"table":"jsonlog","events":[{"_id":"a","msg":"<b>"},{"_id":"b"}]}'
    expect(readMessage('rows', data)).toEqual({ kind: 'rows', events: [{ _id: 'a', msg: '<b>' }, { _id: 'b' }] })
  })

  test('a sample tells its share, and never more than everything', () => {
    const sample = { rate: 0.25, seen: 40_000, sent: 10_000 }
    expect(readMessage('sampled', JSON.stringify(sample))).toEqual({ kind: 'sampled', ...sample })
    expect(readMessage('sampled', '{"rate":7}')).toEqual({ kind: 'sampled', rate: 1, seen: 0, sent: 0 })
  })

  test('a gap may not know how large it is', () => {
    expect(readMessage('gap', '{"reason":"too old","skipped":1234}')).toEqual({ kind: 'gap', reason: 'too old', skipped: 1234 })
    expect(readMessage('gap', '{"reason":"too old","skipped":null}')).toEqual({ kind: 'gap', reason: 'too old', skipped: null })
  })

  test('a refusal is a problem, with its hint', () => {
    const data = '{"title":"Bad query","detail":"no column `x`","hint":"say y","status":400,"request_id":"r1"}'
    const problem = { title: 'Bad query', detail: 'no column `x`', hint: 'say y', status: 400, requestId: 'r1' }
    expect(readMessage('refused', data)).toEqual({ kind: 'refused', problem })
    expect(readMessage('refused', 'gibberish')).toMatchObject({ kind: 'refused', problem: { status: 400 } })
  })

  test.each([
    ['rows', ''],
    ['rows', '{"events":'],
    ['rows', '{"events":"no list"}'],
    ['rows', '[]'],
    ['sampled', '{"rate":"much"}'],
    ['sampled', '{"rate":-1}'],
    ['gap', 'null'],
  ] as const)('%s with %s is no message', (kind, data) => {
    expect(readMessage(kind, data)).toBeNull()
  })

  test('what is no event among events is left out', () => {
    expect(readMessage('rows', '{"events":[null,1,"x",[],{"_id":"a"}]}')).toEqual({ kind: 'rows', events: [{ _id: 'a' }] })
  })
})

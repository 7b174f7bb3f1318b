// How the state of the tail reads.
import { expect, test } from 'vitest'
import { en } from '../i18n/en'
import { ja } from '../i18n/ja'
import { showShare } from '../i18n/numbers'
import { describeGap, describeState, stateOf } from './words'

const sample = { rate: 0.25, seen: 40_000, sent: 10_000 }

test('one state of all that hold', () => {
  expect(stateOf('open', false)).toBe('live')
  expect(stateOf('open', true)).toBe('paused')
  expect(stateOf('reconnecting', false)).toBe('reconnecting')
  expect(stateOf('connecting', false)).toBe('connecting')
  expect(stateOf('failed', true)).toBe('failed')
  expect(stateOf('closed', true)).toBe('ended')
})

test('a sample says its share', () => {
  expect(describeState('live', null, 'en', en.live)).toBe('Live')
  expect(describeState('live', sample, 'en', en.live)).toBe('Live · sampled at 25 %')
  expect(describeState('paused', sample, 'en', en.live)).toBe('Paused · sampled at 25 %')
  expect(describeState('live', sample, 'ja', ja.live)).toBe('ライブ · 25 % を抽出')
})

test('a share is short, and what is not everything never reads as everything', () => {
  expect([1, 0.9996, 0.995, 0.25, 0.1 + 0.2, 0.0123, 0.00004].map((rate) => showShare(rate, 'en'))).toEqual(
    ['100 %', '99 %', '99 %', '25 %', '30 %', '1.2 %', '0.004 %'],
  )
})

test('a gap says how much is missing, if that is known', () => {
  expect(describeGap({ reason: '', skipped: 1234 }, 'en', en.live)).toBe('1,234 events were missed')
  expect(describeGap({ reason: '', skipped: null }, 'en', en.live)).toBe('Some events were missed')
})

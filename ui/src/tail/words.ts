// The state of the tail in words.
import type { Messages } from '../i18n/en'
import type { Language } from '../i18n/language.svelte'
import { showCount, showShare } from '../i18n/numbers'
import type { Gap, Sample } from './messages'
import type { Connection } from './stream'

export type TailState = 'connecting' | 'live' | 'reconnecting' | 'paused' | 'failed' | 'ended'

/** One state of all that hold: what a person did comes first, as long as there is something to do it to. */
export function stateOf(connection: Connection, paused: boolean): TailState {
  if (connection === 'failed') return 'failed'
  if (connection === 'closed') return 'ended'
  if (paused) return 'paused'
  return connection === 'open' ? 'live' : connection === 'reconnecting' ? 'reconnecting' : 'connecting'
}

export function describeState(state: TailState, sample: Sample | null, language: Language, words: Messages['live']): string {
  const said = words.state[state]
  return sample && state !== 'failed' && state !== 'ended' ? `${said} · ${words.sampled(showShare(sample.rate, language))}` : said
}

export function describeGap(gap: Gap, language: Language, words: Messages['live']): string {
  return gap.skipped === null ? words.missedSome : words.missed(showCount(gap.skipped, language))
}

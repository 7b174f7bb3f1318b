// The language of the page: the last choice, else the first of the browser's languages that we speak.
import { oneOf, readStored, writeStored } from '../prefs/stored'
import { en, type Messages } from './en'
import { ja } from './ja'

const DICTIONARIES = { en, ja } satisfies Record<string, Messages>
export type Language = keyof typeof DICTIONARIES
export const LANGUAGES: { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ja', name: '日本語' },
]

class Speech {
  language = $state<Language>(readStored('language', oneOf('en', 'ja')) ?? firstSpoken(navigator.languages))

  /** The words: `speech.t.search.run`. */
  get t(): Messages {
    return DICTIONARIES[this.language]
  }

  choose(language: Language): void {
    this.language = language
    writeStored('language', language)
  }
}

export const speech = new Speech()

function firstSpoken(wanted: readonly string[]): Language {
  const spoken = wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((code) => code in DICTIONARIES)
  return (spoken as Language | undefined) ?? 'en'
}

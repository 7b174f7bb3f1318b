// Both languages say the same things. (That no key is missing is a type error already.)
import { expect, test } from 'vitest'
import { en } from './en'
import { ja } from './ja'

const paths = (value: object, path = ''): string[] =>
  Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null ? paths(inner, `${path}${key}.`) : [`${path}${key}`],
  )

test('the dictionaries have the same keys, and no text is empty', () => {
  expect(paths(ja).sort()).toEqual(paths(en).sort())
  for (const dictionary of [en, ja]) {
    const texts = Object.values(dictionary).filter((text) => typeof text === 'string')
    expect(texts.every((text) => text.trim() !== '')).toBe(true)
  }
})

// Completing a field name while a query is typed.

const SUGGESTIONS_MAX = 8

export interface Completion {
  /** The part of the text that a chosen name replaces. */
  start: number
  end: number
  names: string[]
}

/** The names that fit the word at the caret; null where no field name can stand. */
export function completeField(text: string, caret: number, names: string[]): Completion | null {
  const before = text.slice(0, caret)
  if ((before.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1) return null
  const word = /(?:^|\s)-?([A-Za-z_][A-Za-z0-9_.]*)$/.exec(before)?.[1]
  if (!word || word.length < 2 || /^\S/.test(text.slice(caret))) return null
  const wanted = word.toLowerCase()
  const starts = names.filter((name) => name.replace(/^_/, '').startsWith(wanted.replace(/^_/, '')))
  const holds = names.filter((name) => name.includes(wanted) && !starts.includes(name))
  const found = [...starts, ...holds].slice(0, SUGGESTIONS_MAX)
  return found.length === 0 ? null : { start: caret - word.length, end: caret, names: found }
}

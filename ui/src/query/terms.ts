// The query language as the search bar edits it: a list of terms, all of which must hold.
// The server is the judge of what a query means; this reads it just well enough to add and remove terms
// without disturbing what a person typed.

export interface Term {
  /** Column or dotted path; null for a bare word or phrase. */
  field: string | null
  value: string
  exclude: boolean
}

interface PlacedTerm extends Term {
  start: number
  end: number
}

const FIELD = /^[A-Za-z_][A-Za-z0-9_.-]*$/
/** Characters a value may have without quotes. Colons are quoted: an ARN must not read as `field:value`. */
const BARE = /^[A-Za-z0-9_.*/@][A-Za-z0-9_.*/@-]*$/

/** Reads the terms with their places in the text. Never fails: an open quote runs to the end. */
export function readTerms(query: string): PlacedTerm[] {
  const terms: PlacedTerm[] = []
  let at = 0
  while (at < query.length) {
    if (/\s/.test(query[at]!)) {
      at += 1
      continue
    }
    const term = readTerm(query, at)
    terms.push(term)
    at = term.end
  }
  return terms
}

export function writeTerm(term: Term): string {
  const sign = term.exclude ? '-' : ''
  const value = BARE.test(term.value) ? term.value : quote(term.value)
  return term.field === null ? sign + value : `${sign}${term.field}:${value}`
}

/** Can this path stand left of the colon? Keys with spaces, colons or quotes cannot. */
export function isField(path: string): boolean {
  return FIELD.test(path)
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

function readTerm(query: string, start: number): PlacedTerm {
  let at = start
  const exclude = query[at] === '-' && at + 1 < query.length && !/\s/.test(query[at + 1]!)
  if (exclude) at += 1
  let field: string | null = null
  const head = /^([^\s":]+):/.exec(query.slice(at))
  if (head && isField(head[1]!)) {
    field = head[1]!
    at += head[0].length
  }
  const { value, end } = query[at] === '"' ? readQuoted(query, at) : readBare(query, at)
  return { field, value, exclude, start, end }
}

function readQuoted(query: string, open: number): { value: string; end: number } {
  let value = ''
  let at = open + 1
  while (at < query.length && query[at] !== '"') {
    if (query[at] === '\\' && at + 1 < query.length) at += 1
    value += query[at]
    at += 1
  }
  return { value, end: Math.min(at + 1, query.length) }
}

function readBare(query: string, start: number): { value: string; end: number } {
  const value = /^\S*/.exec(query.slice(start))![0]
  return { value, end: start + value.length }
}

// Adding and removing terms: what the +, − and × buttons do to the query text.
import { readTerms, writeTerm, type Term } from './terms'

/** Adds the term unless it is there; its opposite (`-a:b` for `a:b`) goes. */
export function addTerm(query: string, term: Term): string {
  const without = removeTerm(query, { ...term, exclude: !term.exclude })
  if (hasTerm(without, term)) return without
  return [without, writeTerm(term)].filter(Boolean).join(' ')
}

export function removeTerm(query: string, term: Term): string {
  let kept = query
  for (const found of readTerms(query).reverse()) {
    if (same(found, term)) kept = kept.slice(0, found.start) + kept.slice(found.end).trimStart()
  }
  return kept.trim()
}

export function hasTerm(query: string, term: Term): boolean {
  return readTerms(query).some((found) => same(found, term))
}

/** A click on a value: in if it was not, out if it was. */
export function toggleTerm(query: string, term: Term): string {
  return hasTerm(query, term) ? removeTerm(query, term) : addTerm(query, term)
}

function same(a: Term, b: Term): boolean {
  return a.field === b.field && a.exclude === b.exclude && a.value === b.value
}

// An event as a tree and as a list of path → value. Both open JSON text columns, and both know for each value
// which term of the query language finds it.
import type { LogEvent } from '../api/types'
import { parsed } from '../lake/columns'
import { isField, type Term } from '../query/terms'

/** Nesting and breadth beyond this come as text: a log line must not be able to hang the page. */
const DEPTH_MAX = 24
const LEAVES_MAX = 5000

export interface Leaf {
  kind: 'leaf'
  key: string
  path: string
  value: string | number | boolean | null
  /** Null where no term can find the value: a null, an empty list. */
  term: Term | null
}

export interface Branch {
  kind: 'branch'
  key: string
  path: string
  list: boolean
  /** The value came as JSON text. */
  fromText: boolean
  children: Node[]
}

export type Node = Leaf | Branch

interface Place {
  key: string
  path: string
  /** The path a query can name, or null inside JSON lists and under keys the language cannot spell. */
  field: string | null
  depth: number
  /** Came as JSON text, or lies within such. */
  json: boolean
}

interface Reading {
  jsonColumns: ReadonlySet<string>
  leavesLeft: number
}

export function buildTree(event: LogEvent, jsonColumns: ReadonlySet<string>): Node[] {
  const reading = { jsonColumns, leavesLeft: LEAVES_MAX }
  return Object.entries(event).map(([key, value]) =>
    build(value, { key, path: key, field: isField(key) ? key : null, depth: 0, json: false }, reading),
  )
}

/** Every leaf in order: what the Table view lists. */
export function leavesOf(nodes: Node[]): Leaf[] {
  return nodes.flatMap((node) => (node.kind === 'leaf' ? [node] : leavesOf(node.children)))
}

function build(raw: unknown, outer: Place, reading: Reading): Node {
  const { value, place } = opened(raw, outer, reading)
  if (typeof value !== 'object' || value === null) return leaf(value, place, reading)
  const entries = Object.entries(value)
  if (entries.length === 0) return leaf(Array.isArray(value) ? '[]' : '{}', place, reading, null)
  if (place.depth >= DEPTH_MAX || reading.leavesLeft <= 0) return leaf(JSON.stringify(value), place, reading, null)
  const list = Array.isArray(value)
  const children = entries.map(([key, child]) => build(child, below(place, key, child, list), reading))
  return { kind: 'branch', key: place.key, path: place.path, list, fromText: value !== raw, children }
}

/** JSON text as what it says. A query reaches into a JSON column, but not into JSON text within JSON (a policy, say). */
function opened(raw: unknown, place: Place, { jsonColumns }: Reading): { value: unknown; place: Place } {
  if (typeof raw !== 'string' || !(place.json || jsonColumns.has(place.path))) return { value: raw, place }
  const value = parsed(raw)
  return value === raw ? { value, place } : { value, place: { ...place, json: true, field: place.json ? null : place.field } }
}

function below(parent: Place, key: string, child: unknown, list: boolean): Place {
  const { json } = parent
  const path = list ? `${parent.path}[${key}]` : `${parent.path}.${key}`
  return { key, path, field: fieldBelow(parent, key, child, list), depth: parent.depth + 1, json }
}

/** In a list of structs `resources.type` means that of any of them; lists within JSON have no such path. */
function fieldBelow(parent: Place, key: string, child: unknown, list: boolean): string | null {
  if (parent.field === null) return null
  if (list) return !parent.json && typeof child === 'object' ? parent.field : null
  return /^[A-Za-z0-9_-]+$/.test(key) ? `${parent.field}.${key}` : null
}

function leaf(raw: unknown, place: Place, reading: Reading, fixedTerm?: null): Leaf {
  reading.leavesLeft -= 1
  const value = raw === null || typeof raw === 'number' || typeof raw === 'boolean' ? raw : String(raw)
  const term = fixedTerm === null ? null : termFor(place.field, value)
  return { kind: 'leaf', key: place.key, path: place.path, value, term }
}

/** `field:value` where the language can name the place, else the value as a phrase: that finds at least as much. */
function termFor(field: string | null, value: Leaf['value']): Term | null {
  if (value === null || (field === null && value === '')) return null
  return { field, value: String(value), exclude: false }
}

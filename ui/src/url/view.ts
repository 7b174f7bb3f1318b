// What the page shows, as its URL says it. Reload, back, forward and a link sent to a colleague all restore it.
// The SQL statement lives in the fragment: it can be longer than proxies allow a URL to be, and is nobody else's business.
import type { TimeRange } from '../time/range'

export const TABS = ['events', 'sql'] as const
export type Tab = (typeof TABS)[number]
export const EVENT_VIEWS = ['tree', 'table'] as const
export type EventView = (typeof EVENT_VIEWS)[number]

export interface OpenEvent {
  id: string
  /** Its time, when known: lets the server look in one place instead of everywhere. */
  at: string | null
}

export interface View {
  /** Null: the first table of the lake. */
  table: string | null
  tab: Tab
  query: string
  /** Null: the table's default; an empty range: everything. */
  range: TimeRange | null
  /** New events are shown as they come. */
  live: boolean
  /** Null: the table's default columns. */
  columns: string[] | null
  event: OpenEvent | null
  eventView: EventView
  statement: string | null
}

export const EMPTY_VIEW: View = {
  table: null,
  tab: 'events',
  query: '',
  range: null,
  live: false,
  columns: null,
  event: null,
  eventView: 'tree',
  statement: null,
}

export function parseView(search: string, hash: string): View {
  const params = new URLSearchParams(search)
  const fragment = new URLSearchParams(hash.replace(/^#/, ''))
  const eventId = params.get('event')
  return {
    table: params.get('table') || null,
    tab: TABS.find((tab) => tab === params.get('tab')) ?? 'events',
    query: params.get('q') ?? '',
    range: parseRange(params.get('since'), params.get('until')),
    live: params.get('live') === '1',
    columns: params.get('columns')?.split(',').filter(Boolean) ?? null,
    event: eventId ? { id: eventId, at: params.get('at') } : null,
    eventView: EVENT_VIEWS.find((view) => view === params.get('view')) ?? 'tree',
    statement: fragment.get('sql') ?? params.get('sql'),
  }
}

/** `?…#…`, without whatever is at its default. */
export function formatView(view: View): string {
  const params = new URLSearchParams()
  if (view.table) params.set('table', view.table)
  if (view.tab !== 'events') params.set('tab', view.tab)
  if (view.query) params.set('q', view.query)
  if (view.range) {
    params.set('since', view.range.since ?? 'all')
    if (view.range.until) params.set('until', view.range.until)
  }
  if (view.live) params.set('live', '1')
  if (view.columns) params.set('columns', view.columns.join(','))
  if (view.event) {
    params.set('event', view.event.id)
    if (view.event.at) params.set('at', view.event.at)
    if (view.eventView !== 'tree') params.set('view', view.eventView)
  }
  const search = readable(params.toString())
  const fragment = view.statement ? '#' + new URLSearchParams({ sql: view.statement }).toString() : ''
  return (search ? '?' + search : '') + fragment
}

function parseRange(since: string | null, until: string | null): TimeRange | null {
  if (!since && !until) return null
  const range: TimeRange = {}
  if (since && since !== 'all') range.since = since
  if (until) range.until = until
  return range
}

/** Colons, commas and slashes are legal in a query string; leaving them makes links that people can read. */
function readable(encoded: string): string {
  return encoded.replace(/%3A/gi, ':').replace(/%2C/gi, ',').replace(/%2F/gi, '/')
}

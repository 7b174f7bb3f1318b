// What the URL keeps.
import { expect, test } from 'vitest'
import { EMPTY_VIEW, formatView, parseView, type View } from './view'

const views: View[] = [
  EMPTY_VIEW,
  { ...EMPTY_VIEW, range: { since: '24h' } },
  { ...EMPTY_VIEW, range: {} },
  { ...EMPTY_VIEW, live: true },
  {
    table: 'cloudtrail',
    tab: 'sql',
    query: 'a:"b c" -d&e=f#g 日本',
    range: { since: '2026-11-18T00:00:00Z', until: '2026-11-20T00:00:00Z' },
    live: true,
    columns: ['_time', 'eventname'],
    event: { id: 'id/1', at: '2026-11-18T00:00:00Z' },
    eventView: 'table',
    statement: "select '%' -- # & ?",
  },
]

test.each(views)('a view survives its URL: %o', (view) => {
  const url = new URL(formatView(view), 'http://localhost/')
  expect(parseView(url.search, url.hash)).toEqual(view)
})

test('nonsense in the URL is the default', () => {
  expect(parseView('?tab=nothing&view=nothing&table=&live=maybe', '')).toEqual(EMPTY_VIEW)
})

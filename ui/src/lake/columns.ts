// What the page makes of a table's columns: which ones an event row shows first, what role each plays, and how a value
// is read out of an event by its path. Anything the tables API tells is taken from there; the few names below only
// decide order and shortening where a table has them.
import type { Column, LogEvent, Table } from '../api/types'

/** In the order an investigator reads a line: when, what, who, from where, to where, in which account, did it fail. */
const FIRST_CHOICE = [
  ['role:time'],
  ['level', 'severity.label', 'severity', 'error_severity', 'priority'],
  [
    ...['eventname', 'title', 'action', 'operation', 'query_type', 'request_verb', 'request_method', 'cs_method'],
    ...['event.event_type', 'verb', 'httpmethod', 'command_tag', 'class_name', 'event_id', 'line_item_usage_type', 'type'],
  ],
  ['eventsource', 'service', 'hostname', 'computer', 'resourcetype', 'component', 'systemd_unit', 'source', 'log_group'],
  ['role:principal', 'role:accesskey'],
  ['role:address', 'sourceipaddress'],
  [
    ...['dstaddr', 'event.dest_ip', 'request_url', 'httprequest.uri', 'cs_uri_stem', 'key', 'request_uri', 'url'],
    ...['query_name', 'domain_name', 'resourcepath', 'requesturi', 'resourcename', 'line_item_product_code', 'appname'],
  ],
  [
    ...['dstport', 'event.dest_port', 'elb_status_code', 'elb_response_code', 'sc_status', 'httpstatus', 'status', 'rcode'],
    ...['terminatingruleid', 'response_code', 'duration_ms', 'query_time', 'line_item_unblended_cost'],
  ],
  ['message', 'msg', 'log', 'statement', 'sql_text', 'argument'],
  ['bytes', 'target_processing_time'],
  ['role:account'],
  ['role:region'],
  ['errorcode', 'role:error'],
]
const COLUMNS_MIN = 5
const COLUMNS_MAX = 9

export function defaultColumns(table: Table): string[] {
  const chosen = FIRST_CHOICE.map((choice) => choice.map((name) => find(table, name)).find(Boolean)?.name).filter(
    (name) => name !== undefined,
  )
  const isMore = (column: Column) =>
    !column.name.startsWith('_') && !column.json && column.name !== 'day' && column.role !== 'time'
  const more = table.columns.filter(isMore)
  for (const column of [...more.filter((c) => c.facet), ...more]) {
    if (chosen.length >= COLUMNS_MIN) break
    if (!chosen.includes(column.name)) chosen.push(column.name)
  }
  return [...new Set(chosen)].slice(0, COLUMNS_MAX)
}

export function columnByRole(table: Table, role: string): Column | undefined {
  return table.columns.find((column) => column.role === role)
}

/** The column that says when: a table without one has no histogram to zoom. */
export function timeColumn(table: Table): string {
  return columnByRole(table, 'time')?.name ?? '_time'
}

export function idColumn(table: Table): string {
  return columnByRole(table, 'id')?.name ?? '_id'
}

/** The value at `useridentity.type` or `requestparameters.bucketName`; JSON text is opened on the way. */
export function valueAt(event: LogEvent, path: string): unknown {
  if (Object.hasOwn(event, path)) return event[path]
  let value: unknown = event
  for (const key of path.split('.')) {
    value = parsed(value)
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as LogEvent)[key]
  }
  return value
}

/** JSON text as what it says; anything else, and text that only looks like JSON, as it is. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** A value on one line, for a cell. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function find(table: Table, choice: string): Column | undefined {
  if (choice.startsWith('role:')) return columnByRole(table, choice.slice('role:'.length))
  return table.columns.find((column) => column.name === choice)
}

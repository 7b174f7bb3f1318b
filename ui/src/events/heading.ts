// What stands over a column, and how wide it is.
import type { Column, Table } from '../api/types'
import type { Messages } from '../i18n/en'

/** By role first, then by name: a new table that tells its roles gets its headings for nothing. */
export function headingOf(path: string, table: Table, words: Messages['columns']): string {
  const column = columnOf(path, table)
  const known = words as Record<string, string>
  return (column?.role && Object.hasOwn(known, column.role) && known[column.role]) || (Object.hasOwn(known, path) && known[path]) || path
}

const WIDTHS: Record<string, number> = { time: 190, account: 116, region: 116, address: 140, errorcode: 190, eventsource: 130, eventname: 210 }
const WIDTH_USUAL = 180

export function widthOf(path: string, table: Table): number {
  return WIDTHS[columnOf(path, table)?.role ?? ''] ?? WIDTHS[path] ?? WIDTH_USUAL
}

export function columnOf(path: string, table: Table): Column | undefined {
  return table.columns.find((column) => column.name === path)
}

// How wide the columns of a result are, and which stand right-aligned.
import type { SqlAnswer } from '../api/types'
import { asText } from '../lake/columns'

const CHAR_PX = 7.3
const PADDING_PX = 22
const WIDTH_MIN_PX = 70
const WIDTH_MAX_PX = 420
/** Rows looked at: the first ones speak for the rest. */
const SAMPLE_ROWS = 60

export function columnWidths({ columns, rows }: Pick<SqlAnswer, 'columns' | 'rows'>): number[] {
  const sample = rows.slice(0, SAMPLE_ROWS)
  return columns.map((column, index) => {
    const longest = sample.reduce((most, row) => Math.max(most, asText(row[index]).length), column.name.length)
    return Math.round(Math.min(WIDTH_MAX_PX, Math.max(WIDTH_MIN_PX, longest * CHAR_PX + PADDING_PX)))
  })
}

/** Arrow's names and SQL's both: `Int64`, `UInt8`, `Float64`, `Decimal128(10, 2)`, `bigint`, `double`. */
export function isNumeric(type: string): boolean {
  return /^(u?int\d*|float\d*|decimal|bigint|smallint|tinyint|integer|double|real)/i.test(type)
}

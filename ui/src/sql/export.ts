// A SQL result as a file. Made in the browser from what is on the screen; nothing is asked again.
import type { SqlAnswer } from '../api/types'
import { asText } from '../lake/columns'

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

type Result = Pick<SqlAnswer, 'columns' | 'rows'>

/** RFC 4180, with a BOM-less UTF-8 body and CRLF line ends. */
export function toCsv({ columns, rows }: Result): string {
  const lines = [columns.map((column) => csvCell(column.name)), ...rows.map((row) => row.map(csvCell))]
  return lines.map((cells) => cells.join(',') + '\r\n').join('')
}

/** An array of objects; a column name that comes twice gets a number. */
export function toJson({ columns, rows }: Result): string {
  const names = uniqueNames(columns.map((column) => column.name))
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
    null,
    2,
  )
}

/**
 * Text that a spreadsheet would take for a formula gets a leading apostrophe: log text is written by attackers too.
 * Numbers stay numbers, also the large ones that the server sends as text.
 */
export function csvCell(value: unknown): string {
  const text = asText(value)
  const harmless = /^[=+\-@\t\r\n]/.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function uniqueNames(names: string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}_${count}`
  })
}

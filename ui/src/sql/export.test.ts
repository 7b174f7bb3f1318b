// SQL results as files.
import { expect, test } from 'vitest'
import { csvCell, toCsv, toJson } from './export'

test.each([
  ['=1+1', "'=1+1"],
  ['@x', "'@x"],
  ['-2.5e3', '-2.5e3'],
  ['-cmd', "'-cmd"],
  ['\t=x', "'\t=x"],
  ['a,"b"', '"a,""b"""'],
  [-3, '-3'],
])('%o becomes the cell %s', (value, cell) => {
  expect(csvCell(value)).toBe(cell)
})

const result = { columns: [{ name: 'n', type: '' }, { name: 'n', type: '' }], rows: [[1, '=x']] }

test('whole files', () => {
  expect(toCsv(result)).toBe("n,n\r\n1,'=x\r\n")
  expect(JSON.parse(toJson(result))).toEqual([{ n: 1, n_2: '=x' }])
})

// Statements to start from. Each says which columns it needs, and is offered for tables that have them.
import type { Table } from '../api/types'
import type { Messages } from '../i18n/en'
import { columnByRole, timeColumn } from '../lake/columns'

export interface Example {
  title: keyof Messages['sql']['example']
  statement: string
}

interface Recipe {
  title: Example['title']
  needs: string[]
  write: (table: Names) => string
}

interface Names {
  table: string
  time: string
  principal: string
}

const RECIPES: Recipe[] = [
  {
    title: 'top',
    needs: ['eventname', 'eventsource'],
    write: ({ table }) => `select eventname, eventsource, count(*) as events\nfrom ${table}\ngroup by eventname, eventsource\norder by events desc\nlimit 20`,
  },
  {
    title: 'errors',
    needs: ['errorcode', 'eventname'],
    write: ({ table, time, principal }) =>
      `select ${principal}, eventname, errorcode, count(*) as events,\n       min(${time}) as first, max(${time}) as last\nfrom ${table}\nwhere errorcode is not null\ngroup by 1, 2, 3\norder by events desc\nlimit 50`,
  },
  {
    title: 'logins',
    needs: ['eventname', 'sourceipaddress', 'errormessage'],
    write: ({ table, time, principal }) =>
      `select ${time}, ${principal}, sourceipaddress, errormessage\nfrom ${table}\nwhere eventname = 'ConsoleLogin'\norder by ${time} desc\nlimit 100`,
  },
  {
    title: 'sources',
    needs: ['useridentity', 'sourceipaddress'],
    write: ({ table }) =>
      `select sourceipaddress, count(*) as events\nfrom ${table}\nwhere useridentity.type = 'Root'\ngroup by sourceipaddress\norder by events desc`,
  },
  { title: 'days', needs: ['day'], write: ({ table }) => `select day, count(*) as events\nfrom ${table}\ngroup by day\norder by day` },
  { title: 'latest', needs: [], write: ({ table, time }) => `select *\nfrom ${table}\norder by ${time} desc\nlimit 100` },
  { title: 'count', needs: [], write: ({ table }) => `select count(*) from ${table}` },
]

export function examplesFor(table: Table): Example[] {
  const columns = new Set(table.columns.map((column) => column.name))
  const names = { table: identifier(table.name), time: timeColumn(table), principal: columnByRole(table, 'principal')?.name ?? 'useridentity' }
  return RECIPES.filter((recipe) => recipe.needs.every((name) => columns.has(name))).map(({ title, write }) => ({ title, statement: write(names) }))
}

/** A column as SQL takes it; `a.b` is the part `b` of the struct `a`. Quoted only where it must be. */
export function identifier(name: string): string {
  const quoted = (part: string) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)
  return name.split('.').map(quoted).join('.')
}

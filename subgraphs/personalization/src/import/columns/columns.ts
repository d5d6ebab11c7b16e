import type { JsonValue } from '@bulkhead/contracts'
import { shown } from './fields.ts'

/** One value of a row: text in CSV, any JSON value in JSON lines; undefined where the row has none. */
export type Cell = JsonValue | undefined

/** A field and every name that a column of it may have; the first is the one in messages. */
export type FieldNames<Field extends string> = Readonly<Record<Field, readonly [string, ...string[]]>>

/** What `--map` says: the field's name by the column's name. */
export type ColumnMap = ReadonlyMap<string, string>

export type Column = {
  /** The field's name as the file or `--map` writes it, for messages. */
  readonly name: string
  /** -1 where the file does not have it. */
  readonly at: number
}

export type Columns<Field extends string> = {
  readonly of: Readonly<Record<Field, Column>>
  /** Columns that are no field, in their order. */
  readonly others: readonly { readonly name: string; readonly at: number }[]
}

/** Completes "its header …" or "line N …". */
export type ColumnProblem = { readonly problem: string }

/** A column's name in the form that is compared: `userId`, `user_id` and `User ID` are the same. */
export function columnKey(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/**
 * Finds the field of each column. A column that `--map` names is what it says, also where another column has the name of
 * that field: that one is no field then.
 */
export function findColumns<Field extends string>(
  names: readonly string[],
  fields: FieldNames<Field>,
  map: ColumnMap,
): Columns<Field> | ColumnProblem {
  const keys = names.map(columnKey)
  const targets = new Map([...map].map(([column, field]) => [columnKey(column), field]))
  const of = {} as Record<Field, Column>
  for (const [field, accepted] of Object.entries(fields) as [Field, FieldNames<Field>[Field]][]) {
    const found = columnsOf(accepted, keys, targets)
    const [column = { name: accepted[0], at: -1 }, other] = found.mapped.length > 0 ? found.mapped : found.own
    if (other !== undefined) return twice(column.name, other.name, found.mapped.length > 0)
    of[field] = column
  }
  const used = new Set(Object.values<Column>(of).map(({ at }) => at))
  const others = names.map((name, at) => ({ name: name.trim(), at })).filter(({ at }) => !used.has(at))
  return { of, others }
}

/** The columns that `--map` names and the file does not have. */
export function absentColumns(names: Iterable<string>, map: ColumnMap): readonly string[] {
  const keys = new Set([...names].map(columnKey))
  return [...map.keys()].filter((column) => !keys.has(columnKey(column)))
}

function columnsOf(
  accepted: readonly string[],
  keys: readonly string[],
  targets: ReadonlyMap<string, string>,
): { readonly mapped: readonly Column[]; readonly own: readonly Column[] } {
  const mapped: Column[] = []
  const own: Column[] = []
  for (const name of accepted) {
    for (const [at, key] of keys.entries()) {
      const target = targets.get(key)
      if (target === undefined ? key === columnKey(name) : false) own.push({ name, at })
      if (target !== undefined && columnKey(target) === columnKey(name)) mapped.push({ name, at })
    }
  }
  return { mapped, own }
}

function twice(name: string, other: string, mapped: boolean): ColumnProblem {
  if (mapped) return { problem: `has two columns that --map makes ${name}: leave one of them away` }
  if (name === other) return { problem: `has the column ${name} twice` }
  return {
    problem: `has both ${name} and ${other}, which mean the same: say with --map which one is to be read`,
  }
}

/** The names of columns for a message, each once. */
export function shownColumns(columns: Columns<string>['others']): readonly string[] {
  return [
    ...new Set(columns.map(({ name, at }) => (name === '' ? `column ${at + 1} (no name)` : shown(name)))),
  ]
}

/** The text of a cell, trimmed of nothing; empty where there is none. */
export function cellText(name: string, cell: Cell): { readonly value: string } | ColumnProblem {
  if (typeof cell === 'string') return { value: cell }
  if (cell === undefined || cell === null) return { value: '' }
  if (typeof cell === 'boolean') return { value: String(cell) }
  if (typeof cell !== 'number')
    return { problem: `has a list or an object as ${name}: write text or a number` }
  // A longer integer has lost its last digits already.
  if (Number.isInteger(cell) && !Number.isSafeInteger(cell)) {
    return { problem: `has a ${name} of more digits than a JSON number keeps: write it as text` }
  }
  return { value: String(cell) }
}

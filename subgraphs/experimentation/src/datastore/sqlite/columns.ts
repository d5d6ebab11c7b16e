import type { SQLOutputValue } from 'node:sqlite'

type Value = SQLOutputValue | undefined

/** A result row by column name. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** Columns as what they are declared; anything else is a defect of the statement. */
export function text(value: Value): string {
  if (typeof value === 'string') return value
  throw new TypeError(`expected text from SQLite, got ${typeof value}`)
}

export function integer(value: Value): number {
  if (typeof value === 'number') return value
  throw new TypeError(`expected an integer from SQLite, got ${typeof value}`)
}

export const nullable =
  <T>(read: (value: Value) => T) =>
  (value: Value): T | null =>
    value === null ? null : read(value)

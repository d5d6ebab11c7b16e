import type { Line } from './read-lines.ts'

/** What one place of the file says: a value, or why there is none. */
export type Row<Value> =
  | { readonly line: number; readonly value: Value }
  | {
      readonly line: number
      /** Completes "line N …". */
      readonly problem: string
      /** The line as it stands in the file; empty where it could not be read. */
      readonly text: string
    }

/** Turns the lines of one file, in their order, into rows. May hold lines back until it knows where a row ends. */
export type RowParser<Value> = {
  push(line: Line): readonly Row<Value>[]
  /** After the last line. */
  end(): readonly Row<Value>[]
}

import type { Line } from '../source/read-lines.ts'

/** One row of the file: its value, or what is wrong with it. */
export type Row<Value> =
  | { readonly line: number; readonly value: Value }
  | {
      readonly line: number
      /** Completes "line N …". */
      readonly problem: string
      /** The line as it is in the file; empty if it could not be read. */
      readonly text: string
    }

/** Turns the lines of one file, in their order, into rows. May hold lines back until it knows where a row ends. */
export type RowParser<Value> = {
  push(line: Line): readonly Row<Value>[]
  /** After the last line. */
  end(): readonly Row<Value>[]
}

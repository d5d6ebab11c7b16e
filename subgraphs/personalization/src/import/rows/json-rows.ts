import { type JsonObject, jsonObjectSchema } from '@bulkhead/contracts'
import type { ColumnProblem } from '../columns/columns.ts'
import type { RowReader } from '../columns/interaction-columns.ts'
import { STRAY_RETURN } from '../source/read-lines.ts'
import type { Row, RowParser } from './row-parser.ts'

/** Objects with the same keys in the same order share a reader; above this number of kinds all are made anew. */
const MAX_READERS = 100

/** JSON lines: one object a line; its keys are the columns. */
export function createJsonParser<Value>(
  columnsOf: (names: readonly string[]) => { readonly read: RowReader<Value> } | ColumnProblem,
): RowParser<Value> {
  const readers = new Map<string, ReturnType<typeof columnsOf>>()

  function readerOf(names: readonly string[]): ReturnType<typeof columnsOf> {
    const key = JSON.stringify(names)
    const known = readers.get(key)
    if (known !== undefined) return known
    if (readers.size >= MAX_READERS) readers.clear()
    const made = columnsOf(names)
    readers.set(key, made)
    return made
  }

  function rowOf(line: number, text: string): Row<Value> {
    const object = parseObject(text)
    if (object === null) {
      const problem = text.includes('\r') ? STRAY_RETURN : 'is no JSON object: write one object a line'
      return { line, problem, text }
    }
    const columns = readerOf(Object.keys(object))
    if ('problem' in columns) return { line, problem: columns.problem, text }
    const field = columns.read(Object.values(object))
    return 'problem' in field ? { line, problem: field.problem, text } : { line, value: field.value }
  }

  return {
    push(line) {
      if ('problem' in line) return [{ line: line.number, problem: line.problem, text: '' }]
      return line.text.trim() === '' ? [] : [rowOf(line.number, line.text)]
    },
    end: () => [],
  }
}

/** Null for text that is no JSON object, or one that is nested too deeply. */
export function parseObject(text: string): JsonObject | null {
  try {
    return jsonObjectSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

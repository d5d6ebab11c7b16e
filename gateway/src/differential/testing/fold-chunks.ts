import { isRecord } from '@bulkhead/service/json'
import type { Chunk } from '../../execution/deferred-parts.ts'
import type { Answer } from '../../execution/execute-operation.ts'
import { setOwn } from '../../execution/response/own.ts'

type Path = readonly (string | number)[]

export type FoldedAnswer = Answer & {
  /** Where a part came without data, because a field in it that must not be null was. */
  readonly nulledParts: readonly Path[]
}

/**
 * What a client has in the end: the initial data with the data of each later part merged in at its path, and all errors.
 * @throws {Error} where a part comes for a place that the client does not have
 */
export function foldChunks(initial: Answer, chunks: readonly Chunk[]): FoldedAnswer {
  const data = structuredClone(initial.data)
  const errors = [...initial.errors]
  const nulledParts: Path[] = []
  for (const { path, data: added, errors: more = [] } of chunks.flatMap(
    ({ incremental = [] }) => incremental,
  )) {
    const target = valueAt(data, path)
    if (!isRecord(target)) throw new Error(`a part for ${JSON.stringify(path)}, where there is no object`)
    errors.push(...more)
    if (added) mergeFields(target, structuredClone(added))
    else nulledParts.push(path)
  }
  return { data, errors, nulledParts }
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** The shortest beginning of the path where the data are null; undefined where the path leads to a value. */
export function nullOn(root: unknown, path: Path): Path | undefined {
  for (let length = 0; length <= path.length; length += 1) {
    if (valueAt(root, path.slice(0, length)) === null) return path.slice(0, length)
  }
  return undefined
}

function mergeFields(target: Record<string, unknown>, source: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(source)) {
    setOwn(target, key, Object.hasOwn(target, key) ? mergeValues(target[key], source[key]) : source[key])
  }
}

/**
 * Two parts may select other fields of the same object. Where it is null in one of them, a field of that part that must
 * not be null was, and one answer without parts has null there too.
 */
function mergeValues(present: unknown, added: unknown): unknown {
  if (present === null || added === null) return null
  if (Array.isArray(present) && Array.isArray(added)) {
    if (present.length !== added.length) throw new Error('lists of one field have other lengths')
    return added.map((each, index) => mergeValues(present[index], each))
  }
  if (!isRecord(present) || !isRecord(added)) return added
  mergeFields(present, added)
  return present
}

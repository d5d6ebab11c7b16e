import { atClientPath, type ClientError, withProjectionErrors } from './client-errors.ts'
import type { CompiledOperation } from './compile-operation.ts'
import { clientPath } from './response/client-keys.ts'
import type { ProjectionError } from './response/complete-value.ts'
import { copyJson, mergeInto } from './response/merge.ts'
import { isJsonObject, type JsonObject } from './response/own.ts'
import { type Path, placesAt } from './response/response-path.ts'
import type { FetchRun } from './run-fetches.ts'

/** One deferred part at one place of the answer. */
export type Increment = {
  readonly data: JsonObject | null
  readonly path: Path
  readonly label?: string
  readonly errors?: readonly ClientError[]
}

/** What goes to the client at once, in the form of `deferSpec=20220824`. */
export type Chunk = { readonly incremental?: readonly Increment[]; readonly hasNext: boolean }

type Part = CompiledOperation['parts'][number]

type Delivery = {
  readonly operation: CompiledOperation
  readonly run: FetchRun
  /** What the subgraphs have given. */
  readonly data: JsonObject
  /** What the client has been given; null where the initial answer was. */
  readonly view: JsonObject | null
  readonly requestId: string
}

/**
 * Gives the deferred parts in the order in which they are complete, each after the part that it stands in; parts that
 * are complete at the same time share a chunk. Ends with a chunk whose `hasNext` is false, which may be empty.
 */
export async function* deliverParts(delivery: Delivery): AsyncGenerator<Chunk, void, undefined> {
  const { run, operation } = delivery
  const { parts } = operation
  const delivered = new Set<number>()
  const open = new Set(parts.keys())

  const isDue = (index: number) => {
    const parent = parts[index]?.parent ?? null
    return run.hasEnded(index) && (parent === null || delivered.has(parent))
  }

  while (open.size > 0) {
    const incremental: Increment[] = []
    let due = [...open].filter(isDue)
    while (due.length > 0) {
      for (const index of due) {
        open.delete(index)
        delivered.add(index)
        const part = parts[index]
        if (part) incremental.push(...incrementsOf(part, await run.ended(index), delivery))
      }
      due = [...open].filter(isDue)
    }
    if (incremental.length > 0) yield { incremental, hasNext: open.size > 0 }
    else if (open.size === 0) yield { hasNext: false }
    // Parts may have ended while the client took the chunk. If all had, there would be nothing left to wait for.
    if (open.size > 0 && ![...open].some(isDue))
      await Promise.race([...open].filter((index) => !run.hasEnded(index)).map(run.ended))
  }
}

/** A part inside a list has an increment for each element. */
function incrementsOf(part: Part, fetchErrors: readonly ClientError[], delivery: Delivery): Increment[] {
  if (!part.project) return []
  const { plan, clientKeys } = delivery.operation
  const increments: Increment[] = []
  let unplaced = fetchErrors
  for (const { object, path } of placesAt(delivery.data, part.path)) {
    const seenAt = clientPath(path, clientKeys)
    const seen = valueAt(delivery.view, seenAt)
    // The client was given null there.
    if (!isJsonObject(seen)) continue
    const projectionErrors: ProjectionError[] = []
    const data = part.project(object, projectionErrors)
    for (const error of projectionErrors) error.path.unshift(...path)
    const own = unplaced.filter((error) => error.path === undefined || startsWith(error.path, path))
    unplaced = unplaced.filter((error) => !own.includes(error))
    const errors = withProjectionErrors(own, projectionErrors, plan, delivery.requestId)
    // A copy, because an inner part is merged into it before this one has been sent.
    if (data) mergeInto(seen, copyJson(data))
    increments.push({
      data,
      path: seenAt,
      ...(part.label === undefined ? {} : { label: part.label }),
      ...(errors.length === 0 ? {} : { errors: errors.map((error) => atClientPath(error, clientKeys)) }),
    })
  }
  return increments
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

function startsWith(path: Path, prefix: Path): boolean {
  return prefix.every((key, index) => path[index] === key)
}

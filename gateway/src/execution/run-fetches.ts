import type { ClientError } from './client-errors.ts'
import type { CompiledFetch } from './plan/compiled-fetch.ts'

/** Progress of a plan's fetches. `null` stands for the initial answer, a number for that deferred part. */
export type FetchRun = {
  /** Resolves once every fetch of the part has ended, with their errors. */
  ended(part: number | null): Promise<readonly ClientError[]>
  hasEnded(part: number | null): boolean
}

type Part = {
  left: number
  readonly errors: ClientError[]
  readonly end: PromiseWithResolvers<readonly ClientError[]>
}

/** Starts each fetch as soon as those that it waits for have ended, whether they brought data or not. */
export function runFetches(
  fetches: readonly CompiledFetch[],
  partCount: number,
  send: (fetch: CompiledFetch, index: number) => Promise<readonly ClientError[]>,
): FetchRun {
  const waiting = fetches.map(({ waitsFor }) => waitsFor.length)
  const initial = createPart()
  const deferred = Array.from({ length: partCount }, createPart)
  const partOf = (part: number | null) => (part === null ? initial : deferred[part]) as Part

  for (const { part } of fetches) partOf(part).left += 1
  for (const part of [initial, ...deferred]) if (part.left === 0) part.end.resolve(part.errors)
  for (const [index, fetch] of fetches.entries()) if (waiting[index] === 0) void start(fetch, index)

  async function start(fetch: CompiledFetch, index: number): Promise<void> {
    const part = partOf(fetch.part)
    try {
      const errors = await send(fetch, index)
      if (errors.length > 0) part.errors.push(...errors)
    } catch (error) {
      part.end.reject(error)
    }
    part.left -= 1
    for (const [later, { waitsFor }] of fetches.entries()) {
      if (!waitsFor.includes(index)) continue
      waiting[later] = (waiting[later] ?? 0) - 1
      const next = fetches[later]
      if (waiting[later] === 0 && next) void start(next, later)
    }
    if (part.left === 0) part.end.resolve(part.errors)
  }

  return {
    ended: (part) => partOf(part).end.promise,
    hasEnded: (part) => partOf(part).left === 0,
  }
}

function createPart(): Part {
  const end = Promise.withResolvers<readonly ClientError[]>()
  // Without this, a part that fails after its client has left would end the process as an unhandled rejection.
  end.promise.catch(() => undefined)
  return { left: 0, errors: [], end }
}

import { isRecord } from '@bulkhead/service/json'
import { getOperationAST, OperationTypeNode, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Chunk } from '../execution/deferred-parts.ts'
import type { Answer } from '../execution/execute-operation.ts'
import {
  addDefer,
  deferredPlaces,
  metaKeys,
  placeOf,
  withoutDeferred,
  withoutFillers,
} from './testing/add-defer.ts'
import { canonicalJson } from './testing/canonical-json.ts'
import { OPERATIONS, SEED, TIMEOUT_MS } from './testing/differential-settings.ts'
import { createFetch, executeOurs, prepare } from './testing/execute-graph.ts'
import { createFaults, type Faults, fieldsForPlans } from './testing/faults.ts'
import { type FoldedAnswer, foldChunks, nullOn } from './testing/fold-chunks.ts'
import type { GeneratedOperation } from './testing/generate-operation.ts'
import { ALL_GRAPHS } from './testing/graphs/all-graphs.ts'
import type { TestGraph } from './testing/graphs/graph.ts'
import { media } from './testing/graphs/media.ts'
import { type Case, generateCases } from './testing/run-differential.ts'
import { createTestRandom } from './testing/seeded-random.ts'

/** A tenth of the operations of the tests without `@defer`, without faults and again with them. */
const PER_GRAPH = Math.ceil(OPERATIONS / 10 / ALL_GRAPHS.length)

type Run = {
  readonly each: Case
  readonly operation: GeneratedOperation
  readonly first: Answer
  readonly chunks: readonly Chunk[]
  /** The same operation in one answer. */
  readonly whole: Answer
  readonly parts: number
}

async function execute(each: Case): Promise<Run> {
  const operation = addDefer(each.operation, createTestRandom(each.seed))
  const prepared = prepare(each.graph, operation, true)
  const { initial, later } = await executeOurs(prepared, createFetch(each.graph, each.createWorld()))
  // The executor adds later parts to the data that it has given.
  const first = structuredClone(initial)
  const chunks: Chunk[] = []
  for await (const chunk of later ?? []) chunks.push(structuredClone(chunk))
  const whole = await executeOurs(each.prepared, createFetch(each.graph, each.createWorld()))
  const parts = prepared.compiled.parts.filter(({ project }) => project !== null).length
  return { each, operation, first, chunks, whole: whole.initial, parts }
}

function describeRun({ each, operation, first, chunks, whole }: Run): string {
  return [
    `${each.graph.name}, seed ${each.seed}`,
    operation.query,
    `variables: ${JSON.stringify(operation.variables)}`,
    `in parts: ${JSON.stringify(first)}`,
    ...chunks.map((chunk) => JSON.stringify(chunk)),
    `in one answer: ${JSON.stringify(whole)}`,
  ].join('\n')
}

/**
 * A null that must not be null stops at the part that it stands in, whose `data` are then null; in one answer it goes on
 * to the next field above that may be null. There the folded data are set to null as well. Where one answer has no null
 * on the way to such a part, the part's null is unfounded.
 */
function dataOf({ data, nulledParts }: FoldedAnswer, whole: Answer, what: string): unknown {
  const folded = { root: structuredClone(data) as unknown }
  for (const path of nulledParts) {
    const place = nullOn(whole.data, path)
    if (!place) throw new Error(`a part at ${JSON.stringify(path)} is null for no reason\n${what}`)
    let parent: unknown = folded
    const keys = ['root', ...place]
    for (const key of keys.slice(0, -1)) parent = parent && Reflect.get(parent, key)
    if (parent) Reflect.set(parent, keys.at(-1) ?? 'root', null)
  }
  return folded.root
}

/**
 * Place of each error, with its code where the null is at the error's own path. Where a null went further up, places are
 * cut there and codes left out: which of the errors below it are reported depends on the order in which an executor
 * gives up siblings, and on which parts still came.
 */
function errorsOf(errors: Answer['errors'], data: unknown): string[] {
  const all = errors.map(({ path = [], extensions }) => {
    const place = nullOn(data, path) ?? path
    return `${JSON.stringify(place)}${place.length < path.length ? '' : ` ${extensions.code}`}`
  })
  return [...new Set(all)].sort()
}

function expectSameAsWhole(run: Run, what: string): void {
  const { first, chunks, whole } = run
  const folded = foldChunks(first, chunks)
  expect(canonicalJson(dataOf(folded, whole, what)), what).toBe(canonicalJson(whole.data))
  expect(errorsOf(folded.errors, whole.data), what).toEqual(errorsOf(whole.errors, whole.data))
}

/** Each part is one that the operation defers at that place, comes once, and has the errors below its place only. */
function expectKnownParts({ operation, chunks }: Run, what: string): void {
  const known = deferredPlaces(operation)
  const times = new Map<string, number>()
  for (const { path, label, errors = [] } of chunks.flatMap(({ incremental = [] }) => incremental)) {
    const exact = JSON.stringify([label, path])
    times.set(exact, (times.get(exact) ?? 0) + 1)
    expect(times.get(exact), `${exact}\n${what}`).toBeLessThanOrEqual(known.get(placeOf(label, path)) ?? 0)
    for (const error of errors) expect(error.path?.slice(0, path.length), what).toEqual(path)
  }
}

/**
 * The first answer has nothing of what is deferred, except meta fields of the root, which are never deferred. Not checked
 * where `@defer` may be ignored: at the root of mutations, and in operations that are answered without any parts.
 */
async function expectOnlyTheFirst({ each, operation, first, parts }: Run, what: string): Promise<void> {
  if (parts === 0 || getOperationAST(parse(operation.query))?.operation === OperationTypeNode.MUTATION) return
  const document = withoutDeferred(operation)
  const expected = await each.graph.executeMerged(document, operation.variables, each.createWorld())
  const meta = metaKeys(operation)
  const withoutMeta = (data: unknown) =>
    isRecord(data) ? Object.fromEntries(Object.entries(data).filter(([key]) => !meta.has(key))) : data
  expect(canonicalJson(withoutMeta(first.data)), what).toBe(
    canonicalJson(withoutMeta(withoutFillers(expected.data))),
  )
}

/**
 * Fields that throw, or are null whatever their type allows. Those that plans need do neither: with `@defer` plans need
 * other keys.
 */
function faultsOf(graph: TestGraph, seed: number): Faults {
  const spared = fieldsForPlans(graph)
  return createFaults({ seed, share: 0.08, mayFail: (field) => !field.startsWith('_') && !spared.has(field) })
}

describe(`operations with @defer (seed ${SEED})`, () => {
  test.each(
    ALL_GRAPHS.flatMap((graph) => [
      [graph.name, 'without faults', graph, {}] as const,
      [graph.name, 'with faults', graph, { faultsOf }] as const,
    ]),
  )(
    'the parts add up to the answer without @defer: %s, %s',
    async (_name, faults, graph, options) => {
      const tally = { one: 0, several: 0, errors: 0 }
      for (const each of generateCases(graph, { seed: SEED, count: PER_GRAPH, ...options })) {
        const run = await execute(each)
        const { chunks, parts, whole } = run
        const what = describeRun(run)
        if (parts > 0) tally[parts === 1 ? 'one' : 'several'] += 1
        if (whole.errors.length > 0) tally.errors += 1
        const hasNext = chunks.map((chunk) => chunk.hasNext)
        expect(hasNext, what).toEqual(chunks.map((_, index) => index < chunks.length - 1))
        expectKnownParts(run, what)
        expectSameAsWhole(run, what)
        await expectOnlyTheFirst(run, what)
      }
      // Most operations on interface objects are answered at once.
      const share = graph === media ? 0.25 : 1
      expect(tally.one + tally.several).toBeGreaterThan((share * PER_GRAPH) / 3)
      expect(tally.several).toBeGreaterThan((share * PER_GRAPH) / 10)
      if (faults === 'with faults') expect(tally.errors).toBeGreaterThan(PER_GRAPH / 20)
    },
    TIMEOUT_MS,
  )
})

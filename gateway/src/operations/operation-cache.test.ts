import { expect, test, vi } from 'vitest'
import { sampleGraph } from '../testing/sample-graph.ts'
import { createOperationCache } from './operation-cache.ts'
import type { PreparedOperation } from './prepare-operation.ts'

const GRAPH = sampleGraph()
const NEVER = new AbortController().signal

function ask(cache: ReturnType<typeof createOperationCache>, query: string, times = 1) {
  let prepared: unknown
  for (let time = 0; time < times; time += 1) {
    prepared = cache.prepare({ query, operationName: undefined, acceptsParts: false })
  }
  return prepared
}

test('an operation is prepared once; one that takes parts is another', () => {
  const cache = createOperationCache(GRAPH)
  const first = ask(cache, '{ must }')
  expect(ask(cache, '{ must }')).toBe(first)
  expect(cache.prepare({ query: '{ must }', operationName: undefined, acceptsParts: true })).not.toBe(first)
})

test('operations of one document are told apart by their names', () => {
  const cache = createOperationCache(GRAPH)
  const query = 'query A { must } query B { page { id } }'
  const named = (operationName: string) => cache.prepare({ query, operationName, acceptsParts: false })
  expect(named('A')).toMatchObject({ operation: { name: { value: 'A' } } })
  expect(named('B')).toMatchObject({ operation: { name: { value: 'B' } } })
})

test('mistakes are not kept', () => {
  const cache = createOperationCache(GRAPH)
  expect(ask(cache, '{ nothing }')).not.toBe(ask(cache, '{ nothing }'))
  expect(cache.hottest(10)).toEqual([])
})

test('the hottest come first', () => {
  const cache = createOperationCache(GRAPH)
  ask(cache, '{ must }', 2)
  ask(cache, '{ page { id } }', 3)
  ask(cache, '{ pages { id } }', 1)
  expect(cache.hottest(2).map(({ request }) => request.query)).toEqual(['{ page { id } }', '{ must }'])
})

test('a new cache is warmed with what the old one was asked for, and skips what the new supergraph refuses', async () => {
  const old = createOperationCache(GRAPH)
  ask(old, '{ must }')
  const next = createOperationCache(sampleGraph())
  await next.warmFrom(old, NEVER)
  expect(next.hottest(10).map(({ request }) => request.query)).toEqual(['{ must }'])
})

test('warming plans each form in use, so that the first requests do not wait for plans', async () => {
  const request = {
    query: 'query ($a: Boolean!) { must @skip(if: $a) }',
    operationName: undefined,
    acceptsParts: false,
  }
  const old = createOperationCache(GRAPH)
  const prepared = old.prepare(request)
  if (!('compiledFor' in prepared)) throw new Error('not valid')
  prepared.compiledFor({ a: true }, () => true)
  prepared.compiledFor({ a: false }, () => true)

  const graph = sampleGraph()
  const plans = vi.spyOn(graph.planner, 'buildQueryPlan')
  const next = createOperationCache(graph)
  await next.warmFrom(old, NEVER)
  expect(plans).toHaveBeenCalledTimes(2)
  const warmed = next.prepare(request)
  if (!('compiledFor' in warmed)) throw new Error('not valid')
  warmed.compiledFor({ a: true }, () => true)
  expect(plans).toHaveBeenCalledTimes(2)
  expect(warmed.compiledFor({ a: false }, () => true).verbatim()).not.toBeNull()
})

test('warming ends when the gateway stops', async () => {
  const old = createOperationCache(GRAPH)
  const request = { query: '{ must }', operationName: undefined, acceptsParts: false }
  const prepared = old.prepare(request)
  if ('compiledFor' in prepared) prepared.compiledFor({}, () => true)
  await expect(
    createOperationCache(GRAPH).warmFrom(old, AbortSignal.abort(new Error('stopping'))),
  ).rejects.toThrow('stopping')
})

test('many long documents do not stay in memory together', () => {
  const cache = createOperationCache(GRAPH)
  const long = (n: number) => `{ must } # ${n} `.padEnd(99_000, 'x')
  const first = ask(cache, long(0))
  expect(ask(cache, long(0))).toBe(first)
  for (let n = 1; n <= 41; n += 1) ask(cache, long(n))
  expect(ask(cache, long(0))).not.toBe(first)
})

test('forms are bounded over all operations, and each operation knows only its own', () => {
  const cache = createOperationCache(GRAPH)
  const names = Array.from({ length: 11 }, (_, index) => `v${index}`)
  const query = `query (${names.map((name) => `$${name}: Boolean!`)}) { ${names.map((name) => `${name}: must @include(if: $${name})`).join(' ')} }`
  const prepared = ask(cache, query) as PreparedOperation
  const other = ask(cache, '{ must }') as PreparedOperation
  const formOf = (bits: number) =>
    prepared.compiledFor(
      Object.fromEntries(names.map((name, index) => [name, (bits & (1 << index)) !== 0])),
      () => true,
    )
  const first = formOf(0)
  expect(formOf(0)).toBe(first)
  other.compiledFor({}, () => true)
  for (let bits = 1; bits < 2_048; bits += 1) formOf(bits)

  expect(prepared.formsInUse()).toHaveLength(2_000)
  expect(other.formsInUse()).toEqual([])
  expect(formOf(0)).not.toBe(first)
})

test('an operation that is not kept any longer leaves no forms behind', () => {
  const cache = createOperationCache(GRAPH)
  const first = ask(cache, '{ must }') as PreparedOperation
  const form = first.compiledFor({}, () => true)
  expect(first.compiledFor({}, () => true)).toBe(form)
  for (let index = 0; index < 2_000; index += 1) ask(cache, `{ a${index}: must }`)
  expect(first.formsInUse()).toEqual([])
})

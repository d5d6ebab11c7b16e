import { expect, test } from 'vitest'
import { buildSupergraph } from '../supergraph/supergraph.ts'
import { composeSample } from '../testing/compose-sample.ts'
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

test('a new cache is warmed with the forms of operations that the old one was asked for', async () => {
  const old = createOperationCache(GRAPH)
  const query = 'query ($a: Boolean!) { must page @include(if: $a) { id } }'
  ask(old, '{ pages { id } }')
  for (const a of [true, false]) (ask(old, query) as PreparedOperation).compiledFor({ a })
  const next = createOperationCache(sampleGraph())
  await next.warmFrom(old, NEVER)
  const [warmed, ...others] = next.hottest(10)
  expect([warmed?.request.query, others]).toEqual([query, []])
  expect(warmed?.operation.variablesInUse()).toEqual([{ a: true }, { a: false }])
})

test('an operation that the new supergraph refuses is left out', async () => {
  const old = createOperationCache(GRAPH)
  ;(ask(old, '{ must }') as PreparedOperation).compiledFor({})
  const next = createOperationCache(buildSupergraph(composeSample({ other: 'type Query { other: String }' })))
  await next.warmFrom(old, NEVER)
  expect(next.hottest(10)).toEqual([])
})

test('warming ends when the gateway stops', async () => {
  const old = createOperationCache(GRAPH)
  ;(ask(old, '{ must }') as PreparedOperation).compiledFor({})
  await expect(
    createOperationCache(GRAPH).warmFrom(old, AbortSignal.abort(new Error('stopping'))),
  ).rejects.toThrow('stopping')
})

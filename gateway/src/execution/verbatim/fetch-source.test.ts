import { expect, test } from 'vitest'
import { prepareOperation } from '../../operations/prepare-operation.ts'
import { sampleGraph } from '../../testing/sample-graph.ts'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import { isPlain } from './fetch-source.ts'

function fetchesOf(query: string): readonly CompiledFetch[] {
  const operation = prepareOperation(sampleGraph(), { query, operationName: undefined, acceptsParts: false })
  if (!('compiledFor' in operation)) throw operation[0]
  return operation.compiledFor({}, () => true).plan.fetches
}

test('a fetch is plain unless something happens to what it sends or gets', () => {
  const [ofRoot, ofEntities] = fetchesOf('{ page { title notes } }')
  if (!ofRoot || !ofEntities) throw new Error('two fetches')
  expect([ofRoot, ofEntities].map(isPlain)).toEqual([true, true])
  const changes: readonly Partial<CompiledFetch>[] = [
    { rewriteInput: () => undefined },
    { rewriteOutput: () => undefined },
    { contextArguments: [{ variable: 'a', sources: [] }] },
    { interfaces: new Set(['Node']) },
    { path: [...ofEntities.path, { type: 'condition', applies: () => true }] },
    { represent: null },
  ]
  for (const change of changes) expect(isPlain({ ...ofEntities, ...change })).toBe(false)
})

import { expect, test } from 'vitest'
import { sampleGraph } from '../testing/sample-graph.ts'
import { compareGraphs } from './compare-graphs.ts'

const NO_OPERATIONS = { operations: [], recorded: null }

test('a field that is gone is found where the base had it, with the operations that select it', () => {
  const base = sampleGraph(
    { catalog: 'type Query { item: Item }\ntype Item { id: ID! title: String }' },
    'base',
  )
  const head = sampleGraph({ catalog: 'type Query { item: Item }\ntype Item { id: ID! }' })
  const operation = {
    id: 'abc',
    name: 'ItemPage',
    document: 'query ItemPage { item { title } }',
    location: null,
    usage: { count: 3, lastSeen: '2026-11-01T00:00:00.000Z', clients: ['web@1'] },
  }
  expect(compareGraphs(base, head, { operations: [operation], recorded: null })).toEqual([
    {
      section: 'changes',
      code: 'FIELD_REMOVED',
      grade: 'BREAKING',
      message: 'Field Item.title is gone.',
      reason: 'Operations that select the field are refused.',
      coordinate: 'Item.title',
      subgraphs: ['catalog'],
      location: { file: 'base/catalog.graphql', line: 6, column: 21 },
      affected: [
        { name: 'ItemPage', id: 'abc', clients: ['web@1'], count: 3, lastSeen: '2026-11-01T00:00:00.000Z' },
      ],
      key: 'FIELD_REMOVED Item.title',
    },
  ])
  expect(compareGraphs(base, base, NO_OPERATIONS)).toEqual([])
})

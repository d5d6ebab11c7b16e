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
      uses: [['Item.title']],
    },
  ])
  expect(compareGraphs(base, base, NO_OPERATIONS)).toEqual([])
})

test('a graph that was given as a supergraph says nothing of @shareable', () => {
  const sdl = 'type Query { item: Item }\ntype Item { id: ID! title: String @shareable }'
  const base = sampleGraph({ catalog: sdl }, 'base')
  const head = sampleGraph({ catalog: sdl.replace('@shareable', '') })
  const codes = compareGraphs(base, head, NO_OPERATIONS).map(({ code }) => code)
  expect(codes).toEqual(['SHAREABLE_REMOVED'])
  const subgraphs = base.subgraphs.map((subgraph) => ({ ...subgraph, files: [] }))
  expect(compareGraphs({ ...base, subgraphs }, head, NO_OPERATIONS)).toEqual([])
})

test('an anonymous operation is named by the first characters of its id', () => {
  const base = sampleGraph({ catalog: 'type Query { a: Int b: Int }' }, 'base')
  const head = sampleGraph({ catalog: 'type Query { b: Int }' })
  const operations = ['0123456789', '00'].map((id) => ({
    id,
    name: null,
    document: '{ a }',
    location: null,
    usage: null,
  }))
  const [finding] = compareGraphs(base, head, { operations, recorded: null })
  expect(finding?.affected.map(({ name }) => name)).toEqual(['00', '01234567'])
})

test('operations of two manifests that have one id are both known', () => {
  const base = sampleGraph({ catalog: 'type Query { a: Int b: Int c: Int }' }, 'base')
  const head = sampleGraph({ catalog: 'type Query { c: Int }' })
  const operations = ['a', 'b'].map((field) => ({
    id: '1',
    name: `Get_${field}`,
    document: `query Get_${field} { ${field} }`,
    location: null,
    usage: null,
  }))
  const findings = compareGraphs(base, head, { operations, recorded: null })
  expect(findings.map(({ affected }) => affected.map(({ name }) => name))).toEqual([['Get_a'], ['Get_b']])
})

test('who takes an argument away by joining is to blame, not those who still have it', () => {
  const row = 'type Shelf @key(fields: "id") { id: ID! row(of: Int): Int @shareable }'
  const before = { a: `type Query { shelf: Shelf }\n${row}`, b: 'type Query { other: Int }' }
  const after = { ...before, b: `${before.b}\n${row.replace('(of: Int)', '')}` }
  const findings = compareGraphs(sampleGraph(before, 'base'), sampleGraph(after), NO_OPERATIONS)
  expect(findings.find(({ code }) => code === 'FIELD_ARGUMENT_REMOVED')).toMatchObject({
    coordinate: 'Shelf.row(of:)',
    subgraphs: ['b'],
    location: { file: 'head/b.graphql', line: 6, column: 41 },
  })
})

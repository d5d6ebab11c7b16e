import { expect, test } from 'vitest'
import { fingerprintOf } from '../decision/fingerprint.ts'
import type { KnownOperation } from '../model/operation.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { checkOperations } from './check-operations.ts'
import { OPERATION_CODES } from './operation-codes.ts'

const ITEMS = `
  type Query { items: [Item!] item(where: Where!): Item }
  type Item @key(fields: "id") { id: ID! title: String author: Author @shareable }
  type Author @shareable { name: String }
  input Where { id: ID! kind: Kind }
  enum Kind { A B }
`
const STOCK = `
  type Item @key(fields: "id") { id: ID! stock: Int }
`

function operation(document: string, overrides: Partial<KnownOperation> = {}): KnownOperation {
  const name = /^\w+ (\w+)/.exec(document)?.[1] ?? null
  const location = { file: 'a.graphql', line: 1, column: 1 }
  return { id: `id-${name}`, name, document, location, usage: null, ...overrides }
}

function check(
  base: Record<string, string> | null,
  head: Record<string, string>,
  ...operations: readonly KnownOperation[]
) {
  return checkOperations(base === null ? null : sampleGraph(base, 'base'), sampleGraph(head), {
    operations,
    recorded: null,
  })
}

test('nothing is found where nothing changed for an operation', () => {
  const graph = { items: ITEMS, stock: STOCK }
  const more = { ...graph, items: ITEMS.replace('title: String', 'title: String! isbn: String') }
  const known = operation('query Titles { items { title stock } }')
  expect(check(graph, graph, known)).toEqual([])
  expect(check(graph, more, known)).toEqual([])
})

test('an operation that was valid is BREAKING, one that was not an ERROR, or a WARNING where it is only recorded', () => {
  const head = { items: ITEMS.replace('title: String', '') }
  const usage = { count: 7, lastSeen: '2026-01-01T00:00:00.000Z', clients: ['web@1'] }
  const known = operation('query Titles { items { title } }', { usage })
  const [broken, ...others] = check({ items: ITEMS }, head, known)
  expect(others).toEqual([])
  expect(broken).toMatchObject({
    section: 'operations',
    code: 'OPERATION_INVALID',
    grade: 'BREAKING',
    message: 'Operation Titles is not valid any more: Cannot query field "title" on type "Item".',
    reason: OPERATION_CODES.OPERATION_INVALID.grades.BREAKING,
    location: { file: 'a.graphql', line: 1 },
    affected: [{ name: 'Titles', id: 'id-Titles', clients: ['web@1'], count: 7, lastSeen: usage.lastSeen }],
    key: 'id-Titles',
  })
  expect(check(head, head, known)).toMatchObject([{ code: 'OPERATION_INVALID', grade: 'ERROR' }])
  const seen = operation('query Titles { items { title } }', { usage, location: null })
  expect(check(head, head, seen)).toMatchObject([{ code: 'OPERATION_ALREADY_INVALID', grade: 'WARNING' }])
  expect(check(null, head, known)).toMatchObject([{ code: 'OPERATION_INVALID', grade: 'ERROR' }])
  expect(check(null, { items: ITEMS }, known)).toEqual([])
})

test('a field that looks like the one that is gone changes no fingerprint, and is named in a readable sentence', () => {
  const gone = ITEMS.replace('title: String author', 'author')
  const known = operation('query Titles { items { title author { nmae } } }')
  const both = operation('query Titles { items { title } }')
  const messages = [gone, gone.replace('author', 'titel: String author')].map((items) =>
    [known, both].map((one) => check({ items: ITEMS }, { items }, one).at(0)),
  )
  const [[first, second] = [], [third, fourth] = []] = messages
  if (!first || !second || !third || !fourth) throw new Error('no findings')
  expect([fingerprintOf(third), fingerprintOf(fourth)]).toEqual([fingerprintOf(first), fingerprintOf(second)])
  expect(third.message).toMatch(/on type "Item"\. Did you mean "titel"\? And 1 more\.$/)
  expect(fourth.message).toMatch(/on type "Item"\. Did you mean "titel"\?$/)
})

test('an operation that names a type which is gone is invalid', () => {
  const known = operation('query ByWhere($where: Where!) { item(where: $where) { id } }')
  const head = { items: ITEMS.replaceAll('Where', 'Filter') }
  expect(check({ items: ITEMS }, head, known)).toMatchObject([
    { code: 'OPERATION_INVALID', message: expect.stringContaining('Unknown type "Where"') },
  ])
})

test('a recorded document is not blamed for the literals that it has lost', () => {
  const recorded = operation('query One { item(where: {}) { id title } }', { location: null })
  expect(check(null, { items: ITEMS }, recorded)).toEqual([])
  expect(
    check(null, { items: ITEMS }, { ...recorded, location: { file: 'a', line: 1, column: 1 } }),
  ).toHaveLength(1)
  const head = { items: ITEMS.replace('title: String', '') }
  expect(check({ items: ITEMS }, head, recorded)).toMatchObject([{ grade: 'BREAKING' }])
})

test('a plan that newly needs a subgraph is DANGEROUS, and one more round trip is too', () => {
  const moved = {
    items: ITEMS.replace('title: String', ''),
    titles: 'type Item @key(fields: "id") { id: ID! title: String }',
  }
  const known = operation('query Titles { items { title } }')
  const untouched = operation('query Ids { items { id } }')
  const findings = check({ items: ITEMS }, moved, known, untouched)
  expect(findings.map(({ code, grade, subgraphs, key }) => [code, grade, subgraphs, key])).toEqual([
    ['OPERATION_NEEDS_SUBGRAPH', 'DANGEROUS', ['titles'], 'id-Titles titles'],
    ['OPERATION_ROUND_TRIP_ADDED', 'DANGEROUS', ['items', 'titles'], 'id-Titles'],
  ])
  expect(findings[0]?.message).toBe(
    'Operation Titles now needs titles: its plan asked items, and asks items, titles.',
  )
  expect(findings[1]?.message).toMatch(/takes 2 round trips one after the other instead of 1/)
  expect(check(moved, { items: ITEMS }, known)).toEqual([])
})

test('a field that now requires another subgraph costs a round trip, without a new subgraph', () => {
  const stock = 'type Item @key(fields: "id") { id: ID! stock: Int weight: Int }'
  const shipping = 'type Item @key(fields: "id") { id: ID! fee: Int }'
  const requires =
    'type Item @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") }'
  const known = operation('query Fees { items { fee weight } }')
  const base = { items: ITEMS, stock, shipping }
  expect(check(base, { ...base, shipping: requires }, known).map(({ code }) => code)).toEqual([
    'OPERATION_ROUND_TRIP_ADDED',
  ])
})

test('what is deferred is needed all the same', () => {
  const known = operation('query Later { items { id ... @defer { title } } }')
  const moved = {
    items: ITEMS.replace('title: String', ''),
    titles: 'type Item @key(fields: "id") { id: ID! title: String }',
  }
  expect(check({ items: ITEMS }, moved, known)).toHaveLength(2)
})

test('subscriptions and introspection are planned too', () => {
  const live = `${ITEMS} type Subscription { changed: Item }`
  const moved = {
    items: live.replace('title: String', ''),
    titles: 'type Item @key(fields: "id") { id: ID! title: String }',
  }
  const changed = operation('subscription Changed { changed { title } }')
  const types = operation('query Types { __schema { types { name } } __typename }')
  expect(check({ items: live }, moved, changed, types).map(({ key }) => key)).toEqual([
    'id-Changed titles',
    'id-Changed',
  ])
})

import { expect, test } from 'vitest'
import { prepareOperation } from '../operations/prepare-operation.ts'
import { buildSupergraph } from '../supergraph/supergraph.ts'
import { composeSample } from '../testing/compose-sample.ts'
import { DEFAULT_OPERATION_LIMITS } from './operation-limits.ts'

const SDL = `
  type Query {
    item(id: ID): Item
    items(first: Int = 5, last: Int): [Item!] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    strict(first: Int, last: Int): [Item!] @listSize(slicingArguments: ["first", "last"])
    page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false, assumedSize: 50)
    all: [Item!] @listSize(assumedSize: 100)
    plain: [Item!]
    names: [String!]
    heavy: String @cost(weight: 30)
    search(text: String @cost(weight: 7), filter: Filter): [Item!]
    thing: Thing
  }
  type Mutation { save(items: [Input!]!): Item }
  interface Thing { id: ID! }
  type Page { edges: [Edge!] nodes: [Item!] others: [Item!] total: Int }
  type Edge { node: Item cursor: String }
  type Item implements Thing { id: ID! parts: [Part!] owner: Owner kind: Kind }
  type Part implements Thing @cost(weight: 4) { id: ID! }
  type Owner { id: ID! }
  enum Kind @cost(weight: 2) { A B }
  input Filter { ids: [ID!] deep: Filter kind: Kind @cost(weight: 3) }
  input Input { id: ID! }
`

const SUPERGRAPH = buildSupergraph(composeSample({ one: SDL }))

function refusalOf(query: string, variables: Record<string, unknown> = {}, cost = -1) {
  const prepared = prepareOperation(
    SUPERGRAPH,
    { query, operationName: undefined, acceptsParts: false },
    { rules: { limits: { ...DEFAULT_OPERATION_LIMITS, cost, listSize: 10 }, introspection: true } },
  )
  if (!('compiledFor' in prepared)) throw new Error(prepared[0]?.message)
  const checked = prepared.coerceVariables(variables)
  if ('errors' in checked) throw new Error(checked.errors[0]?.message)
  return prepared.refuseCost(checked.coerced)
}

function costOf(query: string, variables?: Record<string, unknown>): unknown {
  const refusal = refusalOf(query, variables)
  return Object(refusal?.details?.limit).measured ?? refusal?.code
}

test.each([
  ['a leaf', '{ names }', 0],
  ['an object, and one inside', '{ item { id owner { id } } }', 2],
  ['an interface', '{ thing { id } }', 1],
  ['a list of unknown length', '{ plain { id } }', 10],
  ['lists in lists', '{ plain { owner { id } parts { id } } }', 10 * (1 + 1 + 10 * 4)],
  ['an assumed size', '{ all { id } }', 100],
  ['the default of a slicing argument', '{ items { id } }', 5],
  ['a slicing argument', '{ items(first: 7) { id } }', 7],
  ['the largest of several slicing arguments', '{ items(first: 7, last: 9) { id } }', 9],
  ['a negative slicing argument', '{ items(first: -7) { id } }', 0],
  [
    'sized fields, by the argument',
    '{ page(first: 3) { edges { node { id } } nodes { id } } }',
    1 + 3 * 2 + 3,
  ],
  ['sized fields, by the assumed size', '{ page { nodes { id } } }', 1 + 50],
  ['a list beside sized fields', '{ page(first: 3) { others { id } } }', 1 + 10],
  [
    'sized fields through fragments',
    '{ page(first: 3) { ... on Page { ...F } } } fragment F on Page { nodes { id } }',
    1 + 3,
  ],
  ['the weight of a field', '{ heavy }', 30],
  ['the weight of a type', '{ item { parts { id } kind } }', 1 + 10 * 4 + 2],
  ['the weight of an argument', '{ search(text: "a") { id } }', 10 + 7],
  ['an argument that is not given', '{ search { id } }', 10],
  [
    'input objects and their weights',
    '{ search(filter: { deep: { kind: A }, ids: ["1"] }) { id } }',
    10 + 1 + 1 + 3,
  ],
  ['a mutation', 'mutation { save(items: [{ id: "1" }, { id: "2" }]) { id } }', 10 + 2 + 1],
  ['a skipped field', '{ all @skip(if: true) { id } item @include(if: true) { id } }', 1],
  ['aliases, each', '{ a: all { id } b: all { id } }', 200],
  ['a fragment, each time', '{ ...F ...F } fragment F on Query { item { id } }', 2],
  ['introspection', '{ __schema { types { name } } __typename item { __typename } }', 1],
])('%s costs what the specification says', (_name, query, cost) => {
  expect(costOf(query)).toBe(cost)
})

test('variables decide with their values, and with their defaults', () => {
  const sliced = 'query ($n: Int = 4) { items(first: $n) { id } }'
  expect([costOf(sliced), costOf(sliced, { n: 9 }), costOf(sliced, { n: null })]).toEqual([4, 9, 10])
  const conditional = 'query ($on: Boolean!) { all @include(if: $on) { id } }'
  expect([costOf(conditional, { on: true }), costOf(conditional, { on: false })]).toEqual([100, 0])
  const saved = 'mutation ($items: [Input!]!) { save(items: $items) { id } }'
  expect(costOf(saved, { items: Array(20).fill({ id: '1' }) })).toBe(10 + 20 + 1)
  const inside = 'query ($k: Kind) { search(filter: { kind: $k }) { id } }'
  expect([costOf(inside, { k: 'A' }), costOf(inside)]).toEqual([14, 11])
})

test('a list that needs one slicing argument is refused with none or two', () => {
  for (const query of [
    '{ strict { id } }',
    '{ strict(first: 1, last: 1) { id } }',
    '{ strict(first: null) { id } }',
  ]) {
    expect(costOf(query)).toBe('SLICING_ARGUMENT_REQUIRED')
  }
  const query = 'query ($n: Int) { strict(first: $n) { id } }'
  expect([costOf(query), costOf(query, { n: 3 })]).toEqual(['SLICING_ARGUMENT_REQUIRED', 3])
})

test('the refusal names the cost and the limit; at the limit there is none', () => {
  expect(refusalOf('{ all { id } }', {}, 99)).toMatchObject({
    code: 'COST_LIMIT_EXCEEDED',
    message: 'Cost 100 exceeds the limit of 99.',
    details: { limit: { name: 'cost', max: 99, measured: 100 } },
  })
  expect(refusalOf('{ all { id } }', {}, 100)).toBeUndefined()
})

test('directives that a supergraph imports by other names count too', () => {
  const renamed = composeSample({ one: SDL })
    .replace(
      'import: ["@listSize"]',
      'import: [{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@long" }]',
    )
    .replaceAll('@cost(', '@price(')
    .replaceAll('@listSize(', '@long(')
  expect(renamed).toContain('as: "@price"')
  const { weights, listSizes } = buildSupergraph(renamed).costs
  expect(weights.get('Query.heavy')).toBe(30)
  expect(listSizes.get('Query.all')?.assumedSize).toBe(100)
  expect(weights.get('Query.search(text:)')).toBe(7)
})

import type { Identity } from '@bulkhead/service/identity/identity'
import { expect, test, vi } from 'vitest'
import { accessOf } from '../operations/authorize-operation.ts'
import { prepareOperation } from '../operations/prepare-operation.ts'
import { buildSupergraph } from '../supergraph/supergraph.ts'
import { createFetch, executeOurs, prepare } from './testing/execute-graph.ts'
import { foldChunks } from './testing/fold-chunks.ts'
import type { GraphData } from './testing/graphs/graph.ts'
import { composeGraph } from './testing/in-process-graph.ts'

/*
 * `@authenticated` and `@requiresScopes` over two subgraphs, every way into what they protect. The subgraphs here protect
 * nothing themselves, so whatever is null was withheld by the gateway.
 */

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@authenticated" "@interfaceObject" "@key" "@requiresScopes" "@shareable"
])`

const SHOP = `${LINK}
  type Query {
    open: String
    known: String @authenticated
    order: Order
    orders: [Order!]
    mustHaveOrder: Order!
    product: Product
    products: [Product!]!
    node: Node
    things: [Thing]
    level: Level
  }
  type Mutation { cancel: Boolean @requiresScopes(scopes: [["orders:write"]]) rate: Boolean }
  interface Node { id: ID! note: String }
  union Thing = Order | Product
  type Order implements Node @key(fields: "id") @requiresScopes(scopes: [["orders:read"]]) {
    id: ID!
    note: String
    product: Product
  }
  type Product implements Node @key(fields: "id") {
    id: ID!
    name: String
    note: String
    cost: Float! @requiresScopes(scopes: [["costs:read", "orders:read"], ["admin"]])
    margin: Float @requiresScopes(scopes: [["admin"]])
    latest: Order
  }
  enum Level @authenticated { LOW HIGH }
`
const STOCK = `${LINK}
  type Product @key(fields: "id") { id: ID! stock: Stock supplier: String @requiresScopes(scopes: [["admin"]]) }
  type Stock { pieces: Int place: Place }
  type Place @requiresScopes(scopes: [["orders:read"]]) { shelf: String }
  type Order @key(fields: "id") @requiresScopes(scopes: [["orders:read"]]) { id: ID! parcels: Int }
`

const place = { __typename: 'Place', shelf: 'SECRET' }
const product: Record<string, unknown> = {
  __typename: 'Product',
  id: 'p1',
  name: 'Lamp',
  note: 'nice',
  cost: 12,
  margin: 99,
  supplier: 'SECRET',
  stock: { __typename: 'Stock', pieces: 3, place },
}
const order = { __typename: 'Order', id: 'SECRET-1', note: 'SECRET', parcels: 2, product }
product.latest = order
const data = {
  query: {
    open: 'yes',
    known: 'known',
    order,
    orders: [order],
    mustHaveOrder: order,
    product,
    products: [product, product],
    node: order,
    things: [order, product],
    level: 'LOW',
  },
  mutation: { cancel: true, rate: true },
  entities: [product, order],
} as unknown as GraphData

const graph = composeGraph({
  name: 'protected',
  subgraphs: { shop: SHOP, stock: STOCK },
  createData: () => data,
})

function as(...scopes: string[]): Identity {
  return { subject: 'ann', scopes: new Set(scopes) }
}

async function ask(query: string, identity: Identity | null, acceptsParts = false, asked = graph) {
  const fetches: string[] = []
  const fetch = createFetch(asked, { data, faults: null })
  const prepared = prepare(asked, { query, variables: {} }, acceptsParts, accessOf(identity))
  const execution = await executeOurs(prepared, (request) => {
    fetches.push(request.body)
    return fetch(request)
  })
  const { later } = execution
  // Later parts are merged into it.
  const initial = structuredClone(execution.initial)
  const chunks = []
  for await (const chunk of later ?? []) chunks.push(chunk)
  const whole = foldChunks({ data: initial.data, errors: [...initial.errors] }, chunks)
  return {
    data: JSON.parse(JSON.stringify(whole.data)),
    denied: whole.errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions.code}`),
    messages: whole.errors.map(({ message }) => message),
    fetches,
    initial,
    chunks,
  }
}

const DENIED = 'UNAUTHORIZED_FIELD_OR_TYPE'

test('what is not protected is for everyone', async () => {
  expect(await ask('{ open product { name stock { pieces } } }', null)).toMatchObject({
    data: { open: 'yes', product: { name: 'Lamp', stock: { pieces: 3 } } },
    denied: [],
  })
})

test('@authenticated asks for an identity, on fields and on enums', async () => {
  const query = '{ open known level }'
  expect(await ask(query, null)).toMatchObject({
    data: { open: 'yes', known: null, level: null },
    denied: [`known ${DENIED}`, `level ${DENIED}`],
    messages: ['Query.known needs an identity', 'Query.level needs an identity'],
  })
  expect(await ask(query, as())).toMatchObject({ data: { known: 'known', level: 'LOW' }, denied: [] })
})

test('@requiresScopes asks for all scopes of one alternative', async () => {
  const query = '{ product { name cost } }'
  for (const identity of [null, as(), as('costs:read'), as('orders:read'), as('administrator')]) {
    expect(await ask(query, identity)).toMatchObject({
      data: { product: null },
      denied: [`product.cost ${DENIED}`],
      messages: ['Product.cost needs the scopes costs:read and orders:read, or admin'],
    })
  }
  for (const identity of [as('costs:read', 'orders:read'), as('admin')]) {
    expect(await ask(query, identity)).toMatchObject({ data: { product: { cost: 12 } }, denied: [] })
  }
})

test.each([
  ['{ order { id } }', { order: null }],
  ['{ order { note parcels product { name } } }', { order: null }],
  ['{ orders { id } }', { orders: null }],
  ['{ mustHaveOrder { note } }', null],
  ['{ product { latest { id note } } }', { product: { latest: null } }],
  ['{ product { margin supplier } }', { product: { margin: null, supplier: null } }],
  ['{ product { stock { pieces place { shelf } } } }', { product: { stock: { pieces: 3, place: null } } }],
  ['{ a: product { b: latest { c: id } } }', { a: { b: null } }],
  ['{ ...F } fragment F on Query { order { id } }', { order: null }],
  [
    '{ product { ... on Product { ... on Node { ... on Order { note } } latest { note } } } }',
    { product: { latest: null } },
  ],
  // Composition gives an interface the rules of all its types.
  ['{ node { id } }', { node: null }],
  ['{ node { note } }', { node: null }],
  ['{ node { ... on Order { note } } }', { node: null }],
  [
    '{ things { ... on Order { note } ... on Product { name } } }',
    { things: [{ note: null }, { name: 'Lamp' }] },
  ],
  ['{ things { ... on Node { note } } }', { things: [{ note: null }, { note: null }] }],
  [
    '{ things { ... on Node { note } ... on Product { note } } }',
    { things: [{ note: null }, { note: 'nice' }] },
  ],
  ['mutation { cancel rate }', { cancel: null, rate: true }],
])('no way leads around a rule: %s', async (query, expected) => {
  for (const identity of [null, as('costs:read')]) {
    const answer = await ask(query, identity)
    expect(answer.data).toEqual(expected)
    expect(JSON.stringify(answer.data)).not.toContain('SECRET')
    expect(answer.denied.length).toBeGreaterThan(0)
    for (const denied of answer.denied) expect(denied).toContain(DENIED)
  }
  expect((await ask(query, as('admin', 'orders:read', 'orders:write', 'costs:read'))).denied).toEqual([])
})

test('the error is at the place of each null, and the fetches do not ask for it', async () => {
  const answer = await ask('{ products { margin latest { note } name } }', as('orders:write'))
  expect(answer.data).toEqual({
    products: [
      { margin: null, latest: null, name: 'Lamp' },
      { margin: null, latest: null, name: 'Lamp' },
    ],
  })
  expect(answer.denied).toEqual(
    ['products.0.margin', 'products.0.latest', 'products.1.margin', 'products.1.latest'].map(
      (path) => `${path} ${DENIED}`,
    ),
  )
  expect(answer.fetches.join()).not.toMatch(/[^_](margin|latest|note)/)
})

test('an operation that is denied as a whole asks no subgraph', async () => {
  expect(await ask('{ order { note } }', null)).toMatchObject({ fetches: [] })
  expect(await ask('mutation { cancel }', null)).toMatchObject({ fetches: [], data: { cancel: null } })
})

test.each([
  '{ product { name ... @defer { stock { pieces place { shelf } } } } }',
  '{ product { name ... @defer { stock { place { shelf } } } } }',
  '{ product { name ... @defer { supplier stock { pieces } } } }',
  '{ product { name ... @defer { supplier } } }',
  '{ product { name ... @defer { latest { note } } } }',
  '{ product { name ...F @defer } } fragment F on Product { margin }',
  '{ product { name ...F @defer } } fragment F on Product { margin stock { pieces } supplier }',
  '{ open ... @defer { order { note } } }',
  '{ open ... @defer { product { name ... @defer { supplier } } } }',
])('deferred parts are answered as the whole would be: %s', async (query) => {
  for (const identity of [null, as('orders:read'), as('admin')]) {
    const whole = await ask(query, identity)
    const parts = await ask(query, identity, true)
    expect(parts.data).toEqual(whole.data)
    expect([...parts.denied].sort()).toEqual([...whole.denied].sort())
  }
})

test('a denied field in a part leaves the rest of the part deferred', async () => {
  const { initial, chunks } = await ask(
    '{ product { name ... @defer { supplier stock { pieces } } } }',
    null,
    true,
  )
  expect(initial.data).toEqual({ product: { name: 'Lamp' } })
  expect(chunks.length).toBeGreaterThan(0)
})

test('one operation has a form for each set of rules that its callers meet, and no caller gets that of others', async () => {
  const plans = vi.spyOn(graph.supergraph.planner, 'buildQueryPlan')
  const query = '{ product { margin } known }'
  const request = { query, operationName: undefined, acceptsParts: false }
  const prepared = prepareOperation(graph.supergraph, request)
  if (!('compiledFor' in prepared)) throw new Error('not valid')
  const formOf = (identity: Identity | null) => prepared.compiledFor({}, accessOf(identity))
  const fetchesOf = (identity: Identity | null) =>
    formOf(identity).plan.fetches.map(({ bodyStart }) => bodyStart)

  expect(fetchesOf(as('admin')).join()).toMatch(/[^_]margin.*known/)
  expect(fetchesOf(as()).join()).not.toMatch(/[^_]margin/)
  expect(fetchesOf(as()).join()).toContain('known')
  expect(fetchesOf(null).join()).not.toMatch(/[^_](margin|known)/)
  expect(formOf(as('other'))).toBe(formOf(as()))
  expect(plans).toHaveBeenCalledTimes(3)
  plans.mockRestore()
})

test('a field that is denied on an interface and allowed on the type is there once, without an error', async () => {
  for (const query of [
    '{ things { ... on Product { note } ... on Node { note } } }',
    '{ things { ... on Node { note } ... on Product { note } } }',
  ]) {
    expect(await ask(query, as())).toMatchObject({
      data: { things: [{ note: null }, { note: 'nice' }] },
      denied: [`things.0.note ${DENIED}`],
    })
  }
})

test('two denied fields under one alias are told apart by their types', async () => {
  const query = '{ things { ... on Order { x: note } ... on Product { x: supplier } } }'
  expect((await ask(query, as())).messages).toEqual([
    'Order.note needs the scopes orders:read',
    'Product.supplier needs the scopes admin',
  ])
})

test('what composition did not protect is decided by the type of each object', async () => {
  const sdl = graph.supergraph.sdl.replace(/(interface Node[^{]*)/, (head) =>
    head.replaceAll(/@requiresScopes\([^)]*\)/g, ''),
  )
  const older = { ...graph, supergraph: buildSupergraph(sdl) }
  expect(older.supergraph.accessRules.has('Node')).toBe(false)
  const askOlder = (query: string) => ask(query, as(), false, older)

  expect(await askOlder('{ node { __typename id } }')).toMatchObject({ data: { node: null } })
  expect(await askOlder('{ node { note } }')).toMatchObject({
    data: { node: { note: null } },
    denied: [`node.note ${DENIED}`],
    messages: ['Order.note needs the scopes orders:read'],
  })
  expect((await askOlder('{ things { ... on Node { note } } }')).data).toEqual({
    things: [{ note: null }, { note: 'nice' }],
  })
})

test('an interface object is protected by the rules of all types that it may be', async () => {
  const items = composeGraph({
    name: 'interface object',
    subgraphs: {
      items: `${LINK} type Query { open: String } interface Item @key(fields: "id") { id: ID! }
        type Book implements Item @key(fields: "id") @requiresScopes(scopes: [["books"]]) { id: ID! }
        type Game implements Item @key(fields: "id") { id: ID! }`,
      notes: `${LINK} type Query { newest: Item } type Item @key(fields: "id") @interfaceObject { id: ID! note: String }`,
    },
    createData: () => ({ query: {}, entities: [] }),
  })
  const lacksRule = items.supergraph.sdl.replaceAll(/(interface Item[^{]*)/g, (head) =>
    head.replaceAll(/@requiresScopes\([^)]*\)/g, ''),
  )
  const supergraph = buildSupergraph(lacksRule)
  const query = '{ newest { note } }'
  const planOf = (identity: Identity) =>
    JSON.stringify(
      prepare({ ...items, supergraph }, { query, variables: {} }, false, accessOf(identity)).plan,
    )
  expect(planOf(as())).not.toContain('note')
  expect(planOf(as('books'))).toContain('note')
})

test('a supergraph with @policy is refused, because nothing would enforce it', () => {
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@policy"])
    type Query { open: String @policy(policies: [["p"]]) }`
  const compose = () => composeGraph({ name: 'policy', subgraphs: { one: sdl }, createData: () => data })
  expect(compose).toThrow(/policy/)
})

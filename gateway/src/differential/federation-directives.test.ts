import { describe, expect, test } from 'vitest'
import { createFetch, executeOurs, prepare } from './testing/execute-graph.ts'
import { type DataObject, type GraphData, requiredField } from './testing/graphs/graph.ts'
import { composeGraph } from './testing/in-process-graph.ts'

/**
 * What each directive of federation promises, as answers written by hand: the differential tests beside it compare with
 * other executors, and would not see a mistake that all of them share. The subgraphs are real ones in this process; they
 * refuse queries that are not valid for them, keys that they do not resolve, and representations without what a
 * `@requires` asks for.
 */
type Case = {
  readonly promise: string
  /** The SDL of each subgraph, after the `@link`; one that begins with `# Federation 1` has none. */
  readonly subgraphs: Readonly<Record<string, string>>
  readonly data: GraphData
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly expected: unknown
  /** The paths of the errors; none if left out. */
  readonly failed?: readonly string[]
  /** The subgraphs in the order in which they are asked. */
  readonly asked: readonly string[]
}

const LINK = `extend schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
    "@composeDirective" "@extends" "@external" "@inaccessible" "@interfaceObject" "@key" "@override" "@provides"
    "@requires" "@shareable" "@tag"
  ])`

const lamp = {
  __typename: 'Product',
  id: 'p1',
  sku: 'L-1',
  package: { __typename: 'Package', code: 'pk1', size: { __typename: 'Size', cm: 12 } },
  name: 'Lamp',
  price: 20,
  weight: 3,
  stock: 7,
  // Computed from the price and the weight that the subgraph is sent.
  delivery(this: DataObject) {
    return `${this.price} + ${this.weight}`
  },
}
const chair = { ...lamp, id: 'p2', sku: 'C-1', name: 'Chair', price: 90, weight: null, stock: null }

function dataOf(query: GraphData['query'], ...entities: DataObject[]): GraphData {
  return { query, entities }
}

const products = dataOf({ product: lamp, products: [lamp, null, chair, lamp] }, lamp, chair)

const NAMES = 'type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String }'
const STOCKS = 'type Product @key(fields: "id") { id: ID! stock: Int }'
const NAMES_AND_STOCKS = { names: NAMES, stocks: STOCKS }

const KEY: readonly Case[] = [
  {
    promise: 'a field comes from the subgraph that has it',
    subgraphs: NAMES_AND_STOCKS,
    data: products,
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: 7 } },
    asked: ['names', 'stocks'],
  },
  {
    promise: 'a list keeps its order, its nulls and its repetitions',
    subgraphs: {
      names: 'type Query { products: [Product] } type Product @key(fields: "id") { id: ID! name: String }',
      stocks: STOCKS,
    },
    data: products,
    query: '{ products { stock name } }',
    expected: {
      products: [
        { stock: 7, name: 'Lamp' },
        null,
        { stock: null, name: 'Chair' },
        { stock: 7, name: 'Lamp' },
      ],
    },
    asked: ['names', 'stocks'],
  },
  {
    promise: 'two subgraphs without a common key meet through one that has both',
    subgraphs: {
      ids: 'type Query { product: Product } type Product @key(fields: "id") { id: ID! }',
      both: 'type Product @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! }',
      stocks: 'type Product @key(fields: "sku") { sku: String! stock: Int }',
    },
    data: products,
    query: '{ product { stock } }',
    expected: { product: { stock: 7 } },
    asked: ['ids', 'both', 'stocks'],
  },
  {
    promise: 'a key of several fields, one of them nested',
    subgraphs: {
      names: `type Query { product: Product }
        type Product @key(fields: "sku package { code size { cm } }") { sku: String! package: Package! name: String }
        type Package @shareable { code: ID! size: Size! }
        type Size @shareable { cm: Int! }`,
      stocks: `type Product @key(fields: "sku package { code size { cm } }") { sku: String! package: Package! stock: Int }
        type Package @shareable { code: ID! size: Size! }
        type Size @shareable { cm: Int! }`,
    },
    data: products,
    query: '{ product { stock package { code } } }',
    expected: { product: { stock: 7, package: { code: 'pk1' } } },
    asked: ['names', 'stocks'],
  },
  {
    promise: 'a subgraph whose key is not resolvable is never asked for an entity',
    subgraphs: {
      links: `type Query { product: Product }
        type Product @key(fields: "id", resolvable: false) { id: ID! }`,
      names: 'type Product @key(fields: "id") { id: ID! name: String }',
    },
    data: products,
    query: '{ product { id name } }',
    expected: { product: { id: 'p1', name: 'Lamp' } },
    asked: ['links', 'names'],
  },
  {
    promise: 'an entity that the other subgraph does not know has null for its fields',
    subgraphs: NAMES_AND_STOCKS,
    data: dataOf({ product: lamp }, chair),
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: null } },
    asked: ['names', 'stocks'],
  },
  {
    promise: 'a null for a field that may not be null takes the entity with it',
    subgraphs: {
      names: NAMES,
      stocks: 'type Product @key(fields: "id") { id: ID! stock: Int! }',
    },
    data: dataOf({ product: lamp }, chair),
    query: '{ product { name stock } }',
    expected: { product: null },
    failed: ['product.stock'],
    asked: ['names', 'stocks'],
  },
  {
    promise: 'the key may have an alias, and its name may be the alias of another field',
    subgraphs: NAMES_AND_STOCKS,
    data: products,
    query: '{ product { id: name key: id stock __typename } }',
    expected: { product: { id: 'Lamp', key: 'p1', stock: 7, __typename: 'Product' } },
    asked: ['names', 'stocks'],
  },
]

const media = dataOf(
  {
    node: { __typename: 'Book', id: 'b1', title: 'Waves', pages: 100, views: 5, reader: 'Ann' },
    nodes: [
      { __typename: 'Film', id: 'f1', title: 'Dunes', minutes: 90, views: 9 },
      { __typename: 'Book', id: 'b1', title: 'Waves', pages: 100, views: 5 },
    ],
    latest: { __typename: 'Film', id: 'f1', title: 'Dunes', minutes: 90, views: 9 },
  },
  { __typename: 'Film', id: 'f1', title: 'Dunes', minutes: 90, views: 9 },
  { __typename: 'Book', id: 'b1', title: 'Waves', pages: 100, views: 5 },
)

const TYPES = `type Query { nodes: [Media!]! node: Media }
  interface Media @key(fields: "id") { id: ID! title: String }
  type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
  type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }`
const VIEWS = `type Query { latest: Media }
  type Media @key(fields: "id") @interfaceObject { id: ID! views: Int }`

const INTERFACE_OBJECT: readonly Case[] = [
  {
    promise: 'a field of an interface object belongs to every type of the interface',
    subgraphs: { types: TYPES, views: VIEWS },
    data: media,
    query: '{ nodes { __typename title views } }',
    expected: {
      nodes: [
        { __typename: 'Film', title: 'Dunes', views: 9 },
        { __typename: 'Book', title: 'Waves', views: 5 },
      ],
    },
    asked: ['types', 'views'],
  },
  {
    promise: 'it can be selected on one type alone',
    subgraphs: { types: TYPES, views: VIEWS },
    data: media,
    query: '{ nodes { id ... on Book { views pages } } }',
    expected: { nodes: [{ id: 'f1' }, { id: 'b1', views: 5, pages: 100 }] },
    asked: ['types', 'views'],
  },
  {
    promise:
      'the type of what the subgraph of the interface object gave comes from the one that knows the types',
    subgraphs: { types: TYPES, views: VIEWS },
    data: media,
    query: '{ latest { __typename views ... on Film { minutes } ... on Book { pages } } }',
    expected: { latest: { __typename: 'Film', views: 9, minutes: 90 } },
    asked: ['views', 'types'],
  },
  {
    promise: 'a fragment on another interface, where only the interface object was asked so far',
    subgraphs: {
      types: `${TYPES.replace('Book implements Media', 'Book implements Media & Paged')} interface Paged { pages: Int }`,
      views: VIEWS,
    },
    data: media,
    query: '{ latest { views ... on Paged { pages } } nodes { ... on Paged { pages } } }',
    expected: { latest: { views: 9 }, nodes: [{}, { pages: 100 }] },
    asked: ['views', 'types', 'types'],
  },
  {
    promise: 'a field of an interface object that requires one of the types, asked for on one type',
    subgraphs: {
      types: TYPES,
      labels: `type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external label: String @requires(fields: "title") }`,
    },
    data: labelled(),
    query: '{ nodes { id ... on Book { label } } }',
    expected: { nodes: [{ id: 'f1' }, { id: 'b1', label: 'called Waves' }] },
    asked: ['types', 'labels'],
  },
  {
    promise: 'the types are not asked for where nobody wants to know them',
    subgraphs: { types: TYPES, views: VIEWS },
    data: media,
    query: '{ latest { id views } }',
    expected: { latest: { id: 'f1', views: 9 } },
    asked: ['views'],
  },
]

function labelled(): GraphData {
  const label = function (this: object) {
    return `called ${Reflect.get(this, 'title')}`
  }
  const book = { __typename: 'Book', id: 'b1', title: 'Waves', label }
  const film = { __typename: 'Film', id: 'f1', title: 'Dunes', label }
  return dataOf({ nodes: [film, book] }, film, book)
}

const PRICES =
  'type Query { product: Product } type Product @key(fields: "id") { id: ID! price: Int weight: Int }'

const DELIVERIES = `type Product @key(fields: "id") {
  id: ID! price: Int @external weight: Int @external delivery: String @requires(fields: "price weight") }`

const REQUIRED_TWICE = {
  prices: `type Query { products: [Product] }
    type Product @key(fields: "id") { id: ID! price(currency: String): String tax(year: Int): Tax }
    type Tax { amount(currency: String): String }`,
  labels: `type Product @key(fields: "id") { id: ID! price(currency: String): String @external tax(year: Int): Tax @external
      label: String @requires(fields: "price(currency: \\"EUR\\")")
      plainLabel: String @requires(fields: "price")
      labelInYen(count: Int): String @requires(fields: "price(currency: \\"JPY\\")")
      total: String @requires(fields: "price(currency: \\"JPY\\") tax(year: 1) { amount(currency: \\"EUR\\") }")
      later: String @requires(fields: "tax(year: 2) { amount(currency: \\"JPY\\") }") }
    type Tax @external { amount(currency: String): String }`,
  fees: `type Product @key(fields: "id") { id: ID! price(currency: String): String @external
      fee: String @requires(fields: "price(currency: \\"EUR\\")") }`,
}

const REQUIRES: readonly Case[] = [
  {
    promise: 'the subgraph is sent what it needs, and the client does not see it',
    subgraphs: {
      prices: PRICES,
      deliveries: DELIVERIES,
    },
    data: products,
    query: '{ product { delivery } }',
    expected: { product: { delivery: '20 + 3' } },
    asked: ['prices', 'deliveries'],
  },
  {
    promise: 'the subgraph is asked by a key that it resolves, not by the first one',
    subgraphs: {
      prices: PRICES.replace('id: ID!', 'id: ID! sku: String!').replace('"id")', '"id") @key(fields: "sku")'),
      deliveries: `type Query { latest: Product }
        type Product @key(fields: "sku", resolvable: false) @key(fields: "id") {
        id: ID! sku: String! price: Int @external weight: Int @external
        delivery: String @requires(fields: "price weight") }`,
    },
    data: dataOf({ latest: lamp }, lamp),
    query: '{ latest { delivery } }',
    expected: { latest: { delivery: '20 + 3' } },
    asked: ['deliveries', 'prices', 'deliveries'],
  },
  {
    promise: 'what it needs comes from several subgraphs first',
    subgraphs: {
      prices: 'type Query { product: Product } type Product @key(fields: "id") { id: ID! price: Int }',
      weights: 'type Product @key(fields: "id") { id: ID! weight: Int }',
      deliveries: DELIVERIES,
    },
    data: products,
    query: '{ product { delivery } }',
    expected: { product: { delivery: '20 + 3' } },
    asked: ['prices', 'weights', 'deliveries'],
  },
  {
    promise: 'a null is sent as null',
    subgraphs: {
      prices: PRICES,
      deliveries: DELIVERIES,
    },
    data: dataOf({ product: chair }, lamp, chair),
    query: '{ product { delivery } }',
    expected: { product: { delivery: '90 + null' } },
    asked: ['prices', 'deliveries'],
  },
  {
    promise: 'what it needs can itself need something of others',
    subgraphs: {
      prices: 'type Query { product: Product } type Product @key(fields: "id") { id: ID! price: Int }',
      taxes: `type Product @key(fields: "id") { id: ID! price: Int @external tax: Int @requires(fields: "price") }`,
      totals: `type Product @key(fields: "id") {
        id: ID! tax: Int @external price: Int @external total: Int @requires(fields: "tax price") }`,
    },
    data: dataOf({ product: taxed() }, taxed()),
    query: '{ product { total } }',
    expected: { product: { total: 24 } },
    asked: ['prices', 'taxes', 'totals'],
  },
  {
    promise: 'an argument of @requires does not meet the argument of the client',
    subgraphs: {
      prices: `type Query { product: Product }
        type Product @key(fields: "id") { id: ID! price(currency: String): String }`,
      labels: `type Product @key(fields: "id") {
        id: ID! price(currency: String): String @external label: String @requires(fields: "price(currency: \\"EUR\\")") }`,
    },
    data: dataOf({ product: priced() }, priced()),
    query: '{ product { price(currency: "USD") label } }',
    expected: { product: { price: '20 USD', label: 'only 20 EUR' } },
    asked: ['prices', 'labels'],
  },
  {
    promise: 'fields that need one field with different arguments each get what they asked for',
    subgraphs: REQUIRED_TWICE,
    data: dataOf({ products: [twicePriced(), twicePriced()] }, twicePriced()),
    query: `query ($count: Int) {
      products { labelInYen(count: $count) price(currency: "USD") label plainLabel total later ...Fees }
    }
    fragment Fees on Product { fee }`,
    variables: { count: 3 },
    expected: {
      products: Array(2).fill({
        labelInYen: '3 for 20 JPY',
        price: '20 USD',
        label: 'only 20 EUR',
        plainLabel: 'just 20 undefined',
        total: '20 JPY of 1 EUR',
        later: '2 JPY in the second year',
        fee: 'fee on 20 EUR',
      }),
    },
    asked: ['prices', 'fees', 'labels', 'labels', 'labels'],
  },
  {
    promise: 'one of the fields that need one field with different arguments',
    subgraphs: REQUIRED_TWICE,
    data: dataOf({ products: [twicePriced()] }, twicePriced()),
    query: '{ products { labelInYen(count: 1) } }',
    expected: { products: [{ labelInYen: '1 for 20 JPY' }] },
    asked: ['prices', 'labels'],
  },
  {
    promise: 'fields of an interface that need one field with different arguments',
    subgraphs: {
      prices: `interface Priced { id: ID! price(currency: String): String }
        type Product implements Priced @key(fields: "id") { id: ID! price(currency: String): String twin: Priced }
        type Offer @key(fields: "id") { id: ID! price(currency: String): String }`,
      labels: `type Query { priced: [Priced] }
        interface Priced { id: ID! price(currency: String): String label: String }
        type Offer implements Priced @key(fields: "id") { id: ID! price(currency: String): String @external
          label: String @requires(fields: "price(currency: \\"EUR\\")") }
        type Product implements Priced @key(fields: "id") { id: ID! price(currency: String): String @external
          twin: Priced @external
          twinLabel: String @requires(fields: "twin { price(currency: \\"JPY\\") }")
          label: String @requires(fields: "price(currency: \\"EUR\\")")
          labelInYen(count: Int): String @requires(fields: "price(currency: \\"JPY\\")") }`,
    },
    data: dataOf({ priced: [twicePriced(), offer()] }, twicePriced(), offer()),
    query: '{ priced { label price(currency: "USD") ... on Product { labelInYen(count: 2) twinLabel } } }',
    expected: {
      priced: [
        { label: 'only 20 EUR', price: '20 USD', labelInYen: '2 for 20 JPY', twinLabel: 'twin at 20 JPY' },
        { label: 'only 20 EUR', price: '20 USD' },
      ],
    },
    asked: ['labels', 'prices', 'labels', 'labels'],
  },
  {
    promise:
      'a field that fails has its own name in the error, though it is required with different arguments',
    subgraphs: REQUIRED_TWICE,
    data: dataOf(
      {
        products: [
          {
            ...twicePriced(),
            price: ({ currency = '' }) => [currency].find((each) => each !== 'JPY') ?? fail(),
          },
        ],
      },
      twicePriced(),
    ),
    query: '{ products { label labelInYen(count: 1) } }',
    expected: { products: [{ label: 'only EUR', labelInYen: '1 for null' }] },
    failed: ['products.0.price'],
    asked: ['prices', 'labels', 'labels'],
  },
]

function taxed(): DataObject {
  return {
    __typename: 'Product',
    id: 'p1',
    price: 20,
    tax(this: object) {
      return Number(Reflect.get(this, 'price')) / 5
    },
    total(this: object) {
      return Number(requiredField(this, 'tax')) + Number(Reflect.get(this, 'price'))
    },
  }
}

function priced(): DataObject {
  return {
    __typename: 'Product',
    id: 'p1',
    price: ({ currency }: { readonly currency?: string }) => `20 ${currency}`,
    label(this: object) {
      return `only ${requiredField(this, 'price', { currency: 'EUR' })}`
    },
  }
}

function twicePriced(): DataObject {
  return {
    ...priced(),
    tax({ year }: { readonly year?: number }) {
      return {
        __typename: 'Tax',
        amount: ({ currency }: { readonly currency?: string }) => `${year} ${currency}`,
      }
    },
    twin: priced(),
    twinLabel(this: object) {
      return `twin at ${requiredField(Object(Reflect.get(this, 'twin')), 'price', { currency: 'JPY' })}`
    },
    plainLabel(this: object) {
      return `just ${requiredField(this, 'price')}`
    },
    labelInYen(this: object, { count }: { readonly count: number }) {
      return `${count} for ${requiredField(this, 'price', { currency: 'JPY' })}`
    },
    total(this: object) {
      const price = requiredField(this, 'price', { currency: 'JPY' })
      const tax = Object(requiredField(this, 'tax', { year: 1 }))
      return `${price} of ${requiredField(tax, 'amount', { currency: 'EUR' })}`
    },
    later(this: object) {
      const tax = Object(requiredField(this, 'tax', { year: 2 }))
      return `${requiredField(tax, 'amount', { currency: 'JPY' })} in the second year`
    },
    fee(this: object) {
      return `fee on ${requiredField(this, 'price', { currency: 'EUR' })}`
    },
  }
}

function offer(): DataObject {
  return { ...priced(), __typename: 'Offer', id: 'o1' }
}

function fail(): never {
  throw new Error('no such currency')
}

const OWNER = 'type Product @key(fields: "id") { id: ID! name: String @shareable price: Int }'

const PROVIDES_AND_EXTERNAL: readonly Case[] = [
  {
    promise: '@provides: nobody else is asked for what is provided at this field',
    subgraphs: {
      shop: `type Query { product: Product @provides(fields: "name") }
        type Product @key(fields: "id") { id: ID! name: String @external }`,
      owner: OWNER,
    },
    data: products,
    query: '{ product { name } }',
    expected: { product: { name: 'Lamp' } },
    asked: ['shop'],
  },
  {
    promise: '@provides: what is not provided comes from its owner',
    subgraphs: {
      shop: `type Query { product: Product @provides(fields: "name") }
        type Product @key(fields: "id") { id: ID! name: String @external }`,
      owner: OWNER,
    },
    data: products,
    query: '{ product { name price } }',
    expected: { product: { name: 'Lamp', price: 20 } },
    asked: ['shop', 'owner'],
  },
  {
    promise: '@external: a field comes from its owner even where another subgraph has it',
    subgraphs: {
      shop: `type Query { product: Product other: Product @provides(fields: "name") }
        type Product @key(fields: "id") { id: ID! name: String @external }`,
      owner: OWNER,
    },
    data: products,
    query: '{ product { name } }',
    expected: { product: { name: 'Lamp' } },
    asked: ['shop', 'owner'],
  },
]

const EXTENDS_SHAREABLE_AND_OVERRIDE: readonly Case[] = [
  {
    promise: '@extends: a type of Federation 1 that extends with a directive',
    subgraphs: {
      names: NAMES,
      stocks: `# Federation 1
        type Product @extends @key(fields: "id") { id: ID! @external stock: Int }`,
    },
    data: products,
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: 7 } },
    asked: ['names', 'stocks'],
  },
  {
    promise: '@extends: the query type can be extended, too',
    subgraphs: {
      names: 'type Query { products: [Product] } type Product @key(fields: "id") { id: ID! name: String }',
      stocks: `# Federation 1
        type Query @extends { product: Product }
        type Product @extends @key(fields: "id") { id: ID! @external stock: Int }`,
    },
    data: products,
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: 7 } },
    asked: ['stocks', 'names'],
  },
  {
    promise: '@shareable: a field that the subgraph at hand has is not fetched elsewhere',
    subgraphs: {
      names: `type Query { product: Product }
        type Product @key(fields: "id") { id: ID! name: String @shareable }`,
      stocks: 'type Product @key(fields: "id") { id: ID! name: String @shareable stock: Int }',
    },
    data: products,
    query: '{ product { name } }',
    expected: { product: { name: 'Lamp' } },
    asked: ['names'],
  },
  {
    promise: '@shareable: each subgraph adds its own fields to a value that both have',
    subgraphs: {
      names: `type Query { package: Package @shareable } type Package @shareable { code: ID! }`,
      sizes: `type Query { package: Package @shareable } type Package @shareable { code: ID! size: Size }
        type Size { cm: Int! }`,
    },
    data: dataOf({ package: lamp.package }),
    query: '{ package { code size { cm } } }',
    expected: { package: { code: 'pk1', size: { cm: 12 } } },
    asked: ['sizes'],
  },
  {
    promise: '@override: the field comes from where it has moved to, although the old owner is at hand',
    subgraphs: {
      old: 'type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String stock: Int }',
      new: 'type Product @key(fields: "id") { id: ID! stock: Int @override(from: "old") }',
    },
    data: products,
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: 7 } },
    asked: ['old', 'new'],
  },
  {
    promise: '@override: a moved root field is asked of its new owner alone',
    subgraphs: {
      old: 'type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String @shareable }',
      new: `type Query { product: Product @override(from: "old") }
        type Product @key(fields: "id") { id: ID! name: String @shareable }`,
    },
    data: products,
    query: '{ product { name } }',
    expected: { product: { name: 'Lamp' } },
    asked: ['new'],
  },
]

const TWO_FLAGS =
  'query ($skip: Boolean!, $include: Boolean!) { product { name stock @skip(if: $skip) @include(if: $include) } }'

const SKIP_AND_INCLUDE: readonly Case[] = [
  ...[
    { skip: false, include: true, kept: true },
    { skip: true, include: true, kept: false },
    { skip: false, include: false, kept: false },
    { skip: true, include: false, kept: false },
  ].map(
    ({ kept, ...variables }): Case => ({
      promise: `@skip(if: ${variables.skip}) @include(if: ${variables.include}) on a field of another subgraph`,
      subgraphs: NAMES_AND_STOCKS,
      data: products,
      query: TWO_FLAGS,
      variables,
      expected: { product: kept ? { name: 'Lamp', stock: 7 } : { name: 'Lamp' } },
      asked: kept ? ['names', 'stocks'] : ['names'],
    }),
  ),
  {
    promise: '@include on a fragment leaves what is selected beside it',
    subgraphs: NAMES_AND_STOCKS,
    data: products,
    query: `query ($more: Boolean = false) { product { stock ...More @include(if: $more) } }
      fragment More on Product { stock name }`,
    expected: { product: { stock: 7 } },
    asked: ['names', 'stocks'],
  },
  {
    promise: '@skip of everything below a field leaves an empty object',
    subgraphs: NAMES_AND_STOCKS,
    data: products,
    query: '{ product { name @skip(if: true) stock @include(if: false) } }',
    expected: { product: {} },
    asked: ['names'],
  },
  {
    promise: '@include(if: false) on the only root field asks nobody',
    subgraphs: NAMES_AND_STOCKS,
    data: products,
    query: '{ product @include(if: false) { name } }',
    expected: {},
    asked: [],
  },
]

const INACCESSIBLE_AND_COMPOSED: readonly Case[] = [
  {
    promise: '@inaccessible: a key that clients may not see still connects the subgraphs',
    subgraphs: {
      names: `type Query { product: Product }
        type Product @key(fields: "id") { id: ID! @inaccessible name: String }`,
      stocks: 'type Product @key(fields: "id") { id: ID! @inaccessible stock: Int }',
    },
    data: products,
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: 7 } },
    asked: ['names', 'stocks'],
  },
  {
    promise: '@inaccessible: an object of a hidden type is null for a client that asks for the interface',
    subgraphs: {
      types: `type Query { nodes: [Media]! }
        interface Media { id: ID! }
        type Book implements Media { id: ID! pages: Int }
        type Film implements Media @inaccessible { id: ID! minutes: Int }`,
    },
    data: media,
    query: '{ nodes { __typename id } }',
    expected: { nodes: [null, { __typename: 'Book', id: 'b1' }] },
    failed: ['nodes.0'],
    asked: ['types'],
  },
  {
    promise: '@composeDirective: a directive of a subgraph changes nothing of the answer',
    subgraphs: {
      names: `extend schema @link(url: "https://example.com/note/v1.0", import: ["@note"]) @composeDirective(name: "@note")
        directive @note(text: String) on FIELD_DEFINITION
        type Query { product: Product }
        type Product @key(fields: "id") { id: ID! name: String @note(text: "shown in lists") }`,
      stocks: STOCKS,
    },
    data: products,
    query: '{ product { name stock } }',
    expected: { product: { name: 'Lamp', stock: 7 } },
    asked: ['names', 'stocks'],
  },
]

const CASES = {
  '@key': KEY,
  '@interfaceObject': INTERFACE_OBJECT,
  '@requires': REQUIRES,
  '@provides and @external': PROVIDES_AND_EXTERNAL,
  '@extends, @shareable and @override': EXTENDS_SHAREABLE_AND_OVERRIDE,
  '@skip and @include': SKIP_AND_INCLUDE,
  '@inaccessible and @composeDirective': INACCESSIBLE_AND_COMPOSED,
}

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  test.each(cases)(
    '$promise',
    async ({ promise, subgraphs, data, query, variables = {}, expected, failed = [], asked }) => {
      const graph = composeGraph({
        name: promise,
        subgraphs: Object.fromEntries(
          Object.entries(subgraphs).map(([name, sdl]) => [
            name,
            sdl.startsWith('# Federation 1') ? sdl : `${LINK}\n${sdl}`,
          ]),
        ),
        createData: () => data,
      })
      const fetch = createFetch(graph, { data, faults: null })
      const names: string[] = []

      const { initial } = await executeOurs(prepare(graph, { query, variables }, false), (request) => {
        names.push(request.subgraph)
        return fetch(request)
      })

      expect(JSON.parse(JSON.stringify(initial.data))).toEqual(expected)
      expect(initial.errors.map(({ path }) => path?.join('.'))).toEqual(failed)
      expect(names).toEqual(asked)
    },
  )
})

test('@inaccessible: a client cannot select what is hidden', () => {
  const graph = composeGraph({
    name: 'hidden',
    subgraphs: {
      names: `${LINK} type Query { product: Product } type Product { name: String secret: Int @inaccessible }`,
    },
    createData: () => products,
  })

  expect(() => prepare(graph, { query: '{ product { secret } }', variables: {} }, false)).toThrow(
    'Cannot query field "secret" on type "Product"',
  )
})

function composeRequiredTwice(data: GraphData) {
  const subgraphs = Object.entries(REQUIRED_TWICE).map(([name, sdl]) => [name, `${LINK}\n${sdl}`])
  return composeGraph({
    name: 'required twice',
    subgraphs: Object.fromEntries(subgraphs),
    createData: () => data,
  })
}

test('@requires: a client cannot select a field by a name that is only for planning', () => {
  const graph = composeRequiredTwice(products)
  const [name] = graph.supergraph.required.fields.keys()

  expect(() => prepare(graph, { query: `{ products { ${name} } }`, variables: {} }, false)).toThrow(
    `Cannot query field "${name}" on type "Product"`,
  )
})

test('@requires: a deferred field gets what it asked for, though another one asks with other arguments', async () => {
  const data = dataOf({ products: [twicePriced()] }, twicePriced())
  const graph = composeRequiredTwice(data)
  const query = '{ products { label ... @defer { plainLabel labelInYen(count: 4) } } }'

  const { initial, later } = await executeOurs(
    prepare(graph, { query, variables: {} }, true),
    createFetch(graph, { data, faults: null }),
  )

  expect(JSON.parse(JSON.stringify(initial.data))).toEqual({ products: [{ label: 'only 20 EUR' }] })
  const parts: unknown[] = []
  for await (const { incremental = [] } of later ?? []) parts.push(...incremental.map(({ data }) => data))
  expect(parts).toEqual([{ plainLabel: 'just 20 undefined', labelInYen: '4 for 20 JPY' }])
})

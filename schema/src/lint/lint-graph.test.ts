import { describe, expect, test } from 'vitest'
import type { LintSetting } from '../config/check-config.ts'
import { CannotCheckError } from '../model/cannot-check.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { lintGraph } from './lint-graph.ts'
import { createOwners } from './owners.ts'

type Settings = Readonly<Record<string, Partial<LintSetting>>>

/** `rule coordinate`, for these rules only. */
function lint(sdl: Readonly<Record<string, string>>, settings: Settings) {
  const graph = sampleGraph(sdl)
  return lintGraph(graph, configOf(settings), createOwners(graph.subgraphs, null))
    .filter(({ code }) => code in settings)
    .map(({ code, coordinate }) => `${code} ${coordinate}`)
}

function configOf(settings: Settings) {
  const rules = Object.entries(settings).map(
    ([name, setting]) => [name, { level: 'warning', options: {}, ...setting }] as const,
  )
  return { rules: new Map<string, LintSetting>(rules) }
}

const CATALOG = `type Query { item(id: ID!): Item }
  type Item @key(fields: "id") { id: ID! title: String! price: Int! }`

describe('settings', () => {
  const types = { catalog: 'type Query { a_b: String c_d: String }' }

  test('a level sets the grade, and off means that nothing is said', () => {
    const graph = sampleGraph(types)
    const owners = createOwners(graph.subgraphs, null)
    const grades = (level: LintSetting['level']) =>
      lintGraph(graph, configOf({ 'field-names': { level } }), owners)
        .filter(({ code }) => code === 'field-names')
        .map(({ grade }) => grade)
    expect(grades('error')).toEqual(['ERROR', 'ERROR'])
    expect(grades('warning')).toEqual(['WARNING', 'WARNING'])
    expect(grades('off')).toEqual([])
  })

  test('a violation names its place, its subgraphs and the rule that it breaks', () => {
    const graph = sampleGraph(types)
    const [finding] = lintGraph(graph, configOf({}), createOwners(graph.subgraphs, null)).filter(
      ({ code }) => code === 'field-names',
    )
    expect(finding).toMatchObject({
      section: 'lint',
      coordinate: 'Query.a_b',
      subgraphs: ['catalog'],
      location: { file: 'head/catalog.graphql', line: 5, column: 14 },
    })
  })

  test('`ignore` leaves elements alone', () => {
    expect(lint(types, { 'field-names': { options: { ignore: ['Query.a_b'] } } })).toEqual([
      'field-names Query.c_d',
    ])
    expect(lint(types, { 'field-names': { options: { ignore: ['catalog:'] } } })).toEqual([])
  })

  test.each([
    ['a rule', { 'field-name': {} }, 'There is no lint rule "field-name". Expected: "field-names"'],
    [
      'an option',
      { descriptions: { options: { field: 'all' } } },
      'has no option "field". Expected: "fields"',
    ],
    ['a value', { descriptions: { options: { fields: 'some' } } }, 'The option "fields" of the lint rule'],
    ['an option of one that is off', { ids: { level: 'off', options: { a: 1 } } }, 'has no option "a"'],
  ] as const)('%s that there is not cannot be checked', (_what, settings, message) => {
    const location = { file: 'supergraph.yaml', line: 7, column: 3 }
    const [name, setting] = Object.entries(settings)[0] ?? []
    const check = () => lint(types, { [String(name)]: { ...setting, location } })
    expect(check).toThrow(CannotCheckError)
    expect(check).toThrow(`supergraph.yaml:7:3: `)
    expect(check).toThrow(message)
  })
})

describe('nullability-blast-radius', () => {
  const rule = 'nullability-blast-radius'
  const found = (sdl: Readonly<Record<string, string>>, options = {}) =>
    lint(sdl, { [rule]: { options } }).map((text) => text.slice(rule.length + 1))

  test('finds non-null root fields where several subgraphs have some', () => {
    const reviews = 'type Query { newest: [String!]! } type Mutation { a: Int! }'
    expect(found({ catalog: CATALOG, reviews })).toEqual(['Query.newest'])
    expect(found({ reviews })).toEqual([])
  })

  test('finds what another subgraph adds non-null', () => {
    const reviews = 'type Item @key(fields: "id") { id: ID! rating: Float! count: Int }'
    expect(found({ catalog: CATALOG, reviews })).toEqual(['Item.rating'])
  })

  test('leaves what the home can resolve too', () => {
    const reviews = 'type Item @key(fields: "id") { id: ID! title: String! @shareable }'
    const catalog = CATALOG.replace('title: String!', 'title: String! @shareable')
    expect(found({ catalog, reviews })).toEqual([])
  })

  test('finds what the home computes from fields of another', () => {
    const catalog = CATALOG.replace(
      'price: Int!',
      'weight: Int @external fee: Int! @requires(fields: "weight")',
    )
    const shipping = 'type Item @key(fields: "id") { id: ID! weight: Int }'
    expect(found({ catalog, shipping })).toEqual(['Item.fee'])
  })

  test.each([
    ['Item!', ['Review.item']],
    ['[Item!]', ['Review.item']],
    ['[Item]!', ['Review.item']],
    ['Item', []],
    ['[Item]', []],
  ])('looks at references to entities of another: %s', (type, expected) => {
    const reviews = `type Query { review: Review } type Review { id: ID! item: ${type} }
      type Item @key(fields: "id", resolvable: false) { id: ID! }`
    expect(found({ catalog: CATALOG, reviews })).toEqual(expected)
  })

  test('leaves references to what is complete without the other', () => {
    const catalog = CATALOG.replaceAll(/(String|Int)!/g, '$1')
    const reviews = `type Query { review: Review } type Review { id: ID! item: Item! }
      type Item @key(fields: "id", resolvable: false) { id: ID! }`
    expect(found({ catalog, reviews })).toEqual([])
  })

  test('finds references to what the own subgraph computes from fields of the other', () => {
    const catalog = `type Query { item(id: ID!): Item } type Item @key(fields: "id") { id: ID! title: String weight: Int }`
    const shipping = `type Query { parcel: Parcel } type Parcel { id: ID! item: Item! }
      type Item @key(fields: "id") { id: ID! weight: Int @external fee: Int! @requires(fields: "weight") }`
    expect(found({ catalog, shipping })).toEqual(['Item.fee', 'Parcel.item'])
    expect(found({ catalog, shipping: shipping.replace('Int! @requires', 'Int @requires') })).toEqual([])
  })

  test('leaves references that provide what is non-null', () => {
    const review = (provided: string, external: string) => `type Query { review: Review }
      type Review { id: ID! item: Item! @provides(fields: "${provided}") }
      type Item @key(fields: "id") { id: ID! ${external} }`
    const shareable = CATALOG.replace('String!', 'String! @shareable').replace('Int!', 'Int! @shareable')
    expect(
      found({
        catalog: shareable,
        reviews: review('title price', 'title: String! @external price: Int! @external'),
      }),
    ).toEqual([])
    expect(found({ catalog: shareable, reviews: review('title', 'title: String! @external') })).toEqual([
      'Review.item',
    ])
  })

  test('looks through interfaces and unions', () => {
    const reviews = `type Query { review: Review } union Subject = Item | Shop type Shop { id: ID! }
      type Review { id: ID! subject: Subject! }
      type Item @key(fields: "id", resolvable: false) { id: ID! }`
    expect(found({ catalog: CATALOG, reviews })).toEqual(['Review.subject'])
  })

  test('takes the home that it is told', () => {
    const reviews = 'type Item @key(fields: "id") { id: ID! rating: Float! }'
    expect(found({ catalog: CATALOG, reviews }, { homes: { Item: 'reviews' } })).toEqual([
      'Item.price',
      'Item.title',
    ])
  })

  test('follows an override to the subgraph that took the field over', () => {
    const reviews = 'type Item @key(fields: "id") { id: ID! price: Int! @override(from: "catalog") }'
    const catalog = `${CATALOG} extend type Item { stock: Int! }`
    expect(found({ catalog, reviews })).toEqual(['Item.price'])
  })
})

describe('mutation-spans-subgraphs', () => {
  const rule = 'mutation-spans-subgraphs'
  const found = (sdl: Readonly<Record<string, string>>) =>
    lint(sdl, { [rule]: {} }).map((text) => text.slice(rule.length + 1))
  const item = 'type Item @key(fields: "id", resolvable: false) { id: ID! }'

  test('finds an answer that another subgraph has to complete, however deep', () => {
    const orders = `type Mutation { order: OrderPayload } type OrderPayload { order: Order! }
      type Order { id: ID! item: Item! } ${item}`
    expect(found({ catalog: CATALOG, orders })).toEqual(['Mutation.order'])
    expect(found({ catalog: CATALOG, orders: orders.replace('item: Item!', 'item: Item') })).toEqual([])
    expect(found({ catalog: CATALOG, orders: orders.replace('order: Order!', 'order: Order') })).toEqual([])
  })

  test('finds an input that another subgraph has too, inside of others as well', () => {
    const orders = `type Mutation { order(input: OrderInput!): Int } input OrderInput { place: PlaceInput n: Int }
      input PlaceInput { street: String }`
    const shipping = 'type Query { price(to: PlaceInput): Int } input PlaceInput { street: String zone: Int }'
    expect(found({ orders, shipping })).toEqual(['Mutation.order(input:)'])
    expect(found({ orders, shipping: shipping.replaceAll('PlaceInput', 'ZoneInput') })).toEqual([])
  })

  test('finds a mutation that two subgraphs resolve', () => {
    const orders = 'type Mutation { order: Int @shareable }'
    expect(found({ catalog: CATALOG, orders, shop: orders })).toEqual(['Mutation.order'])
  })
})

describe('what is not public', () => {
  test('is not asked for names, descriptions or owners', () => {
    const catalog = `type Query { "An item." item: Item } "An item." type Item { id: ID! @inaccessible bad_name: Int @inaccessible a(b_c: Int @inaccessible): Int }
      type hidden_type @inaccessible { a: Int } "A state." enum State { NEW old @inaccessible }`
    const rules = ['field-names', 'type-names', 'enum-value-names', 'descriptions']
    expect(lint({ catalog }, Object.fromEntries(rules.map((name) => [name, {}])))).toEqual([])
  })
})

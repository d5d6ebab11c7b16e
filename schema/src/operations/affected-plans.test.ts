import fc from 'fast-check'
import { parse, print } from 'graphql'
import { expect, test } from 'vitest'
import type { Graph } from '../model/graph.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { createMayPlanDiffer } from './affected-plans.ts'
import { createPlanner } from './plan-shape.ts'
import { validateOperation } from './validate-operation.ts'

const SEED = 14
const SAMPLES = 5

/** Lines of SDL that a graph may have or not. What does not compose is left out. */
const OPTIONS = {
  titleMoves: fc.boolean(),
  nameOverridden: fc.boolean(),
  feeRequires: fc.constantFrom('none', 'weight', 'nested'),
  secondKey: fc.boolean(),
  nestedKey: fc.boolean(),
  ownerProvides: fc.boolean(),
  ownerShared: fc.boolean(),
  magazine: fc.boolean(),
  interfaceObject: fc.boolean(),
  unionMember: fc.boolean(),
  extraSubgraph: fc.boolean(),
  weightElsewhere: fc.boolean(),
  spineOverridden: fc.boolean(),
  depotBySku: fc.boolean(),
  ratingElsewhere: fc.boolean(),
}
type Options = {
  readonly [K in keyof typeof OPTIONS]: (typeof OPTIONS)[K] extends fc.Arbitrary<infer T> ? T : never
}

function graphOf(o: Options): Graph | null {
  const when = (isThere: boolean, sdl: string) => (isThere ? sdl : '')
  const subgraphs: Record<string, string> = {
    items: `
      type Query { items: [Item!] media: [Media] any: [Any] item: Item shelves: [Shelf] }
      ${o.interfaceObject ? 'interface Media @key(fields: "id") { id: ID! label: String }' : 'interface Media { id: ID! label: String }'}
      interface Shelf { spine: String }
      type Item implements Media & Shelf @key(fields: "id") ${when(o.secondKey, '@key(fields: "sku")')} ${when(o.nestedKey, '@key(fields: "owner { id }")')} {
        id: ID! label: String sku: String spine: String owner: Owner ${when(o.ownerProvides, '@provides(fields: "name")')}
        ${when(!o.titleMoves, 'title: String')}
      }
      type Owner @key(fields: "id") { id: ID! ${o.ownerProvides ? 'name: String @external' : ''} ${when(o.ownerShared, 'city: City')} }
      type City @shareable { zip: String }
      union Any = Item ${when(o.unionMember, '| Owner')}
      ${when(o.magazine, 'type Magazine implements Media @key(fields: "id") { id: ID! label: String issue: Int }')}
    `,
    owners: `
      type Owner @key(fields: "id") { id: ID! name: String @shareable address: Address ${when(!o.ownerShared, 'city: City')} }
      type Address { street: String lines: Int }
      type City @shareable { zip: String }
      ${when(o.titleMoves, 'type Item @key(fields: "id") { id: ID! title: String }')}
    `,
    shipping: `
      type Item @key(fields: ${o.secondKey ? '"sku"' : '"id"'}) {
        ${o.secondKey ? 'sku: String' : 'id: ID!'}
        weight: Int ${when(o.feeRequires !== 'none', '@external')}
        ${when(o.feeRequires === 'nested', 'owner: Owner @external')}
        fee: Int ${o.feeRequires === 'weight' ? '@requires(fields: "weight")' : o.feeRequires === 'nested' ? '@requires(fields: "weight owner { address { lines } }")' : ''}
      }
      ${when(o.feeRequires === 'nested', 'type Owner @key(fields: "id") { id: ID! address: Address @external } type Address { lines: Int @external }')}
    `,
    weights: `type Item @key(fields: "id") { id: ID! ${when(o.feeRequires !== 'none' && !o.weightElsewhere, 'weight: Int')} size: Int ${when(o.nameOverridden, 'sku: String @shareable @override(from: "items")')} }
      ${when(o.interfaceObject, `type Media @key(fields: "id") @interfaceObject { id: ID! ${o.ratingElsewhere ? 'stars' : 'rating'}: Int }`)}
      ${o.interfaceObject ? '' : 'extend type Query { ratings: Int }'}
    `,
  }
  subgraphs.depot = `
      type Item @key(fields: ${o.depotBySku ? '"sku"' : '"id"'}) {
        ${o.depotBySku ? 'sku: String' : 'id: ID!'} bin: Int
        ${when(o.feeRequires !== 'none' && o.weightElsewhere, 'weight: Int')}
        ${when(o.spineOverridden, 'spine: String @override(from: "items")')}
      }
      ${when(o.interfaceObject, `type Media @key(fields: "id") @interfaceObject { id: ID! ${o.ratingElsewhere ? 'rating: Int' : 'views: Int'} }`)}
    `
  if (o.extraSubgraph)
    subgraphs.zextra = 'type Query { extra: Int } type Item @key(fields: "id") { id: ID! extra: Int }'
  try {
    return sampleGraph(subgraphs)
  } catch {
    return null
  }
}

const OPERATIONS = [
  '{ items { title } }',
  '{ items { id label } }',
  '{ items { sku fee } }',
  '{ item { fee weight size } }',
  '{ item { fee } }',
  '{ item { title weight } }',
  '{ items { owner { name } } }',
  '{ items { owner { city { zip } } } }',
  '{ items { owner { address { street } } } }',
  '{ media { label } }',
  '{ media { id ... on Item { title } } }',
  '{ media { rating } }',
  '{ items { rating } }',
  '{ shelves { spine } }',
  '{ items { bin } }',
  '{ any { ... on Item { owner { name } } ... on Owner { name } } }',
  '{ any { __typename } }',
  '{ ...F } fragment F on Query { item { ...G } } fragment G on Item { title fee }',
].map((text) => parse(text, { noLocation: true }))

/** Some graphs, each with others that differ from it in one thing, as changes do. */
function sampleGraphs(
  count: number,
): readonly { readonly graph: Graph; readonly others: readonly Graph[] }[] {
  return fc.sample(fc.record(OPTIONS), { numRuns: count, seed: SEED }).flatMap((options) => {
    const graph = graphOf(options)
    if (graph === null) return []
    const others = Object.entries(options).map(([name, value]) =>
      graphOf({
        ...options,
        [name]: typeof value === 'boolean' ? !value : value === 'none' ? 'nested' : 'none',
      }),
    )
    return [{ graph, others: others.filter((other) => other !== null) }]
  })
}

/** Every operation's plan, null where it is invalid. */
function plansOf({ supergraph, apiSchema }: Graph): readonly (string | null)[] {
  const shapeOf = createPlanner(supergraph)
  return OPERATIONS.map((document) =>
    validateOperation(document, apiSchema, false).length > 0 ? null : JSON.stringify(shapeOf(document)),
  )
}

// Composing some eighty graphs takes seconds, and more on a busy machine.
test('an operation whose plan may not differ has the same plan in both graphs', { timeout: 120_000 }, () => {
  const seen = { kept: 0, planned: 0, changed: 0 }
  const compare = (base: Planned, head: Planned) => {
    const mayDiffer = createMayPlanDiffer(base.graph, head.graph)
    OPERATIONS.forEach((document, index) => {
      const [before, after] = [base.plans[index], head.plans[index]]
      if (before === null || after === null) return
      if (mayDiffer(document)) seen[before === after ? 'planned' : 'changed'] += 1
      else {
        seen.kept += 1
        expect(after, print(document)).toBe(before)
      }
    })
  }
  for (const { graph, others } of sampleGraphs(SAMPLES)) {
    const first = planned(graph)
    for (const other of others.map(planned)) {
      compare(first, other)
      compare(other, first)
    }
  }
  // It says something of both kinds.
  expect(seen.kept).toBeGreaterThan(100)
  expect(seen.changed).toBeGreaterThan(20)
})

type Planned = { readonly graph: Graph; readonly plans: ReturnType<typeof plansOf> }

function planned(graph: Graph): Planned {
  return { graph, plans: plansOf(graph) }
}

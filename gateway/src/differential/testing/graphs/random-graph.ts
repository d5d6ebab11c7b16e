import { createTestRandom, type SeededRandom } from '../seeded-random.ts'
import { FEDERATION_2, many, maybe, requiredField, someOf, type TestGraph } from './graph.ts'

const TYPES = ['Alpha', 'Beta', 'Gamma'] as const
const ENTITIES_PER_TYPE = 4

type Random = SeededRandom
type Entity = { readonly __typename: string; [field: string]: unknown }

/** A field of every entity type of its subgraphs. */
type Field = {
  readonly name: string
  readonly type: string
  /** More than one: the field is shareable. */
  readonly owners: readonly number[]
  /** The fields of other subgraphs that it is computed from. */
  readonly requires: readonly Field[]
  create(random: Random, entities: readonly Entity[]): unknown
}

/** Kinds of fields: what the SDL says of them, and values that comply. */
const KINDS: readonly Pick<Field, 'type' | 'create'>[] = [
  { type: 'String', create: (random) => maybe(`text ${random.below(5)}`, random) },
  { type: 'Int!', create: (random) => random.below(9) },
  { type: '[Color!]', create: (random) => maybe(someOf(['RED', 'BLUE'], random), random) },
  { type: 'Box', create: (random) => maybe(createBox(random), random) },
  {
    type: '[[Box]!]',
    create: (random) => maybe([[createBox(random), null], [], [createBox(random)]], random),
  },
  ...TYPES.flatMap((type): typeof KINDS => [
    { type, create: (random, entities) => maybe(random.pick(ofType(entities, type)), random) },
    { type: `[${type}]!`, create: (random, entities) => [...someOf(ofType(entities, type), random), null] },
  ]),
  { type: 'Thing', create: (random, entities) => maybe(random.pick(entities), random) },
  { type: '[Thing!]', create: (random, entities) => maybe(someOf(entities, random), random) },
  { type: '[[Any]]', create: (random, entities) => maybe([someOf(entities, random), null, []], random) },
  { type: 'Any', create: (random, entities) => maybe(random.pick(entities), random) },
]

function createBox(random: Random) {
  return { __typename: 'Box', width: random.below(9), height: maybe(random.below(9), random) }
}

function ofType(entities: readonly Entity[], type: string): Entity[] {
  return entities.filter(({ __typename }) => __typename === type)
}

/**
 * A graph whose fields are dealt out to two to four subgraphs: entities by one of two keys, shared fields, fields that
 * require those of other subgraphs, and references through types, an interface and a union.
 */
export function createRandomGraph(seed: number): TestGraph {
  const random = createTestRandom(seed)
  const count = 2 + random.below(3)
  const owned = many(8 + random.below(8), (number): Field => {
    const owner = random.below(count)
    const other = random.chance(0.25) ? [(owner + 1) % count] : []
    return { name: `f${number}`, ...random.pick(KINDS), owners: [owner, ...other], requires: [] }
  })
  const computed = many(random.below(4), (number) => createComputedField(number, count, owned, random))
  const fields = [...owned, ...computed.flat()]
  const roots = many(3 + random.below(3), (number): Field => {
    return { name: `root${number}`, ...random.pick(KINDS), owners: [random.below(count)], requires: [] }
  })
  // The last subgraph knows entities by another key, which the first one knows as well.
  const byCode = random.chance(0.5) ? count - 1 : 0
  const names = many(count, (number) => `s${number}`)
  return {
    name: `random ${seed}`,
    subgraphs: Object.fromEntries(names.map((name, index) => [name, sdlOf(index, fields, roots, byCode)])),
    createData: (dataRandom) => createData(fields, roots, dataRandom),
  }
}

function createComputedField(
  number: number,
  count: number,
  owned: readonly Field[],
  random: Random,
): Field[] {
  const owner = random.below(count)
  const simple = owned.filter(
    ({ type, owners }) => !owners.includes(owner) && ['String', 'Int!', 'Box'].includes(type),
  )
  const requires = someOf(simple, random).slice(0, 3)
  if (requires.length === 0) return []
  return [
    { name: `c${number}`, type: 'String', owners: [owner], requires, create: () => computeFrom(requires) },
  ]
}

function computeFrom(requires: readonly Field[]) {
  return function compute(this: object): string {
    const parts = requires.map(({ name, type }) => {
      const value = requiredField(this, name)
      return type === 'Box' && value ? Reflect.get(Object(value), 'width') : value
    })
    return parts.join('/')
  }
}

function sdlOf(index: number, fields: readonly Field[], roots: readonly Field[], byCode: number): string {
  const own = fields.filter(({ owners }) => owners.includes(index))
  const external = new Set(own.flatMap(({ requires }) => requires))
  const lines = [
    ...own.map(({ name, type, owners, requires }) => {
      const selection = requires.map((field) =>
        field.type === 'Box' ? `${field.name} { width }` : field.name,
      )
      const required = requires.length > 0 ? ` @requires(fields: "${selection.join(' ')}")` : ''
      return `${name}: ${type}${owners.length > 1 ? ' @shareable' : ''}${required}`
    }),
    ...[...external].map(({ name, type }) => `${name}: ${type} @external`),
  ]
  const keys = byCode > 0 && index === byCode ? ['code'] : index === 0 ? ['id', 'code'] : ['id']
  const keyFields = [
    ...keys.map((key) => `${key}: ID!`),
    ...(keys.includes('id') ? [] : ['id: ID! @shareable']),
  ]
  const directives = keys.map((key) => `@key(fields: "${key}")`).join(' ')
  const ownRoots = roots.filter(({ owners }) => owners.includes(index))
  return `${FEDERATION_2}
    type Query { ${ownRoots.map(({ name, type }) => `${name}: ${type}`).join('  ')}  ping${index}: String }
    interface Thing { id: ID!  label: String }
    union Any = ${TYPES.join(' | ')}
    enum Color { RED BLUE }
    type Box @shareable { width: Int!  height: Int }
    ${TYPES.map(
      (type) =>
        `type ${type} implements Thing ${directives} { ${keyFields.join('  ')}  label: String @shareable  ${lines.join('  ')} }`,
    ).join('\n')}
  `
}

function createData(fields: readonly Field[], roots: readonly Field[], random: Random) {
  const entities = TYPES.flatMap((type) =>
    many(ENTITIES_PER_TYPE, (number): Entity => {
      const id = `${type}-${number}`
      return { __typename: type, id, code: `code of ${id}`, label: maybe(`label ${number}`, random) }
    }),
  )
  for (const entity of entities) {
    for (const { name, create } of fields) entity[name] = create(random, entities)
  }
  const query = roots.map(({ name, create }) => [name, create(random, entities)] as const)
  return { entities, query: { ...Object.fromEntries(query), ping0: 'pong', ping1: null } }
}

import { buildSchema, OverlappingFieldsCanBeMergedRule, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { createTestRandom, type SeededRandom } from '../differential/testing/seeded-random.ts'
import { mergingFieldsRule } from './merging-fields-rule.ts'

const SCHEMA = buildSchema(`
  type Query { a: A b(x: Int, y: In): B node: Node any: Any list: [A] leaf: Int }
  interface Node { id: ID! next(x: Int): Node name: String }
  type A implements Node { id: ID! next(x: Int): Node name: String other: Int b: B! list: [B] }
  type B implements Node { id: ID! next(x: Int): Node name: String other: String b: B list: [B!] }
  union Any = A | B
  input In { p: Int q: Int }
`)

const FIELDS: Readonly<Record<string, readonly (readonly [call: string, type: string | null])[]>> = {
  Query: [
    ['a', 'A'],
    ['b(x: 1)', 'B'],
    ['b(x: 2)', 'B'],
    ['b(y: { p: 1, q: 2 })', 'B'],
    ['b(y: { q: 2, p: 1 })', 'B'],
    ['node', 'Node'],
    ['any', 'Any'],
    ['list', 'A'],
    ['leaf', null],
  ],
  Node: [
    ['id', null],
    ['next', 'Node'],
    ['next(x: 1)', 'Node'],
    ['name', null],
  ],
  A: [
    ['id', null],
    ['next', 'Node'],
    ['name', null],
    ['other', null],
    ['b', 'B'],
    ['list', 'B'],
  ],
  B: [
    ['id', null],
    ['next(x: 1)', 'Node'],
    ['name', null],
    ['other', null],
    ['b', 'B'],
    ['list', 'B'],
  ],
  Any: [['__typename', null]],
}
const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  Query: ['Query'],
  Node: ['A', 'B', 'Node', 'Any'],
  A: ['A', 'Node'],
  B: ['B', 'Node'],
  Any: ['A', 'B', 'Node'],
}
const ALIASES = ['', '', '', '', '', 'm: ']

function selections(random: SeededRandom, type: string, depth: number, fragments: readonly string[]): string {
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    if (depth > 0 && random.chance(0.25)) {
      const condition = random.pick(CONDITIONS[type] ?? [])
      return `... on ${condition} { ${selections(random, condition, depth - 1, fragments)} }`
    }
    if (fragments.length > 0 && random.chance(0.2)) return `...${random.pick(fragments)}`
    const [call, inner] = random.pick(FIELDS[type] ?? [])
    const field = `${random.pick(ALIASES)}${call}`
    if (inner === null) return field
    return depth > 0 ? `${field} { ${selections(random, inner, depth - 1, fragments)} }` : '__typename'
  })
  return parts.join(' ')
}

/** An operation with fragments that spread only later ones, so that there are no cycles. */
function document(random: SeededRandom): string {
  const names = ['F0', 'F1', 'F2']
  const fragments = names.map((name, index) => {
    const type = random.pick(['Query', 'Node', 'A', 'B'])
    return `fragment ${name} on ${type} { ${selections(random, type, 2, names.slice(index + 1))} }`
  })
  return `{ ${selections(random, 'Query', 3, names)} ...F0 } ${fragments.join(' ')}`
}

function isRefused(query: string, rule: typeof mergingFieldsRule): boolean {
  return validate(SCHEMA, parse(query), [rule]).length > 0
}

test('it refuses what the rule of graphql-js refuses, and nothing else', () => {
  const random = createTestRandom(1)
  let refused = 0
  for (let index = 0; index < 1_500; index += 1) {
    const query = document(random)
    // graphql-js checks fragments that nothing uses as well; another rule refuses those.
    const used = query.replaceAll(/fragment (F\d) /g, (whole, name) =>
      isUsed(query, name) ? whole : `fragment ${name}x `,
    )
    const expected = isRefused(withoutUnused(used), OverlappingFieldsCanBeMergedRule)
    expect([query, isRefused(query, mergingFieldsRule)]).toEqual([query, expected])
    if (expected) refused += 1
  }
  expect(refused).toBeGreaterThan(300)
  expect(refused).toBeLessThan(1_200)
})

/** Whether the operation reaches the fragment. */
function isUsed(query: string, name: string): boolean {
  const reached = new Set<string>()
  const parts = query.split('fragment ')
  const follow = (text: string | undefined) => {
    for (const [, next = ''] of (text ?? '').matchAll(/\.\.\.(F\d)/g)) {
      if (reached.has(next)) continue
      reached.add(next)
      follow(parts.find((part) => part.startsWith(`${next} `)))
    }
  }
  follow(parts[0])
  return reached.has(name)
}

function withoutUnused(query: string): string {
  const [operation = '', ...fragments] = query.split('fragment ')
  return [operation, ...fragments.filter((text) => !/^F\dx /.test(text))].join('fragment ')
}

test.each([
  ['different fields', '{ a { x: id x: name } }', '"id" and "name" are different fields'],
  ['differing arguments', '{ b(x: 1) { id } b(x: 2) { id } }', 'they have differing arguments'],
  ['arguments and none', '{ node { next(x: 1) { id } next { id } } }', 'they have differing arguments'],
  ['conflicting types', '{ any { ... on A { other } ... on B { other } } }', 'they return conflicting types'],
])('%s conflict, and the message says how', (_name, query, reason) => {
  const [mistake] = validate(SCHEMA, parse(query), [mergingFieldsRule])
  expect(mistake?.message).toContain(reason)
  expect(mistake?.locations).toHaveLength(2)
})

test('fragments that lead back to themselves end, and are left to the rule about them', () => {
  const query = '{ node { ...F } } fragment F on Node { next { ...F } id }'
  expect(validate(SCHEMA, parse(query), [mergingFieldsRule])).toEqual([])
})

test('fields of many object types inside each other are compared up to a bound, and then refused', () => {
  const nest = (depth: number): string =>
    depth === 0
      ? 'id'
      : `next { ...F${depth} } ... on A { next { ...F${depth} } } ... on B { next { ...F${depth} } }`
  const fragments = Array.from(
    { length: 40 },
    (_, depth) => `fragment F${depth} on Node { ${nest(Math.max(0, depth - 1))} }`,
  )
  const query = `{ node { ...F39 } } ${fragments.join(' ')}`
  const mistakes = validate(SCHEMA, parse(query), [mergingFieldsRule])
  expect(mistakes.map(({ message }) => message)).toEqual([
    expect.stringContaining('more ways than can be compared'),
  ])
})

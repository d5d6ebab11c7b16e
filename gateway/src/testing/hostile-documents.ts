import { createTestRandom } from '../differential/testing/seeded-random.ts'

/** A body of `POST /graphql` that means to cost the gateway much. */
export type HostileRequest = {
  readonly kind: string
  readonly body: { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> }
}

type Make = (size: number) => HostileRequest['body']

function repeat(count: number, each: (index: number) => string, separator = ' '): string {
  return Array.from({ length: Math.max(1, Math.floor(count)) }, (_, index) => each(index)).join(separator)
}

const SLATE = 'recommendations(userId: "u1")'

/** By kind: the largest number of what it has many of, and how it is made. */
const KINDS: Readonly<Record<string, readonly [largest: number, make: Make]>> = {
  'deep selections': [3_000, (n) => ({ query: `${'{ a '.repeat(n)}${'}'.repeat(n)}` })],
  'deep valid selections': [
    60,
    (n) => ({
      query: `{ user(id: "1") { ${repeat(n, () => 'assignments { experiment { variants { modelVersion { ')} id ${'} } } } '.repeat(Math.max(1, Math.floor(n)))} } }`,
    }),
  ],
  'deep lists': [
    3_000,
    (n) => ({ query: `{ items(filter: { ids: ${'['.repeat(n)}${']'.repeat(n)} }) { totalCount } }` }),
  ],
  'deep objects': [
    3_000,
    (n) => ({ query: `{ items(filter: ${'{ ids: '.repeat(n)}1${'}'.repeat(n)}) { totalCount } }` }),
  ],
  'deep types': [
    3_000,
    (n) => ({ query: `query ($a: ${'['.repeat(n)}Int${']'.repeat(n)}) { item(id: "1") { id } }` }),
  ],
  'open brackets': [500_000, (n) => ({ query: '{'.repeat(n) })],
  'wide selections': [10_000, (n) => ({ query: `{ item(id: "1") { ${'title '.repeat(n)} } }` })],
  'wide aliases': [3_000, (n) => ({ query: `{ item(id: "1") { ${repeat(n, (i) => `a${i}: title`)} } }` })],
  'many root fields': [
    600,
    (n) => ({ query: `{ ${repeat(n, (i) => `a${i}: ${SLATE} { id items { nodes { id } } }`)} }` }),
  ],
  'repeated root fields': [
    600,
    (n) => ({ query: `{ ${repeat(n, () => `${SLATE} { id exposures { status } }`)} }` }),
  ],
  'cyclic fragments': [
    600,
    (n) => ({
      query: `{ ...F0 } ${repeat(n, (i) => `fragment F${i} on Query { ...F${(i + 1) % Math.ceil(n)} ...F${(i * 7) % Math.ceil(n)} }`)}`,
    }),
  ],
  'doubling fragments': [
    600,
    (n) => ({
      query: `{ ...F0 } ${repeat(n, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${Math.max(1, Math.floor(n))} on Query { __typename }`,
    }),
  ],
  'doubling fields': [
    12,
    (n) => ({
      query: `{ user(id: "1") { ...F0 } } ${repeat(n, (i) => `fragment F${i} on User { interactions { nodes { item { id } } } ...F${i + 1} ...F${i + 1} }`)} fragment F${Math.max(1, Math.floor(n))} on User { id }`,
    }),
  ],
  'chained fragments': [
    1_200,
    (n) => ({
      query: `{ ...F0 } ${repeat(n, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F${Math.max(1, Math.floor(n))} on Query { __typename }`,
    }),
  ],
  'fragments beside each other': [
    600,
    (n) => ({
      query: `{ item(id: "1") { ${repeat(n, (i) => `...F${i}`)} } } ${repeat(n, (i) => `fragment F${i} on Item { title categories }`)}`,
    }),
  ],
  'fragments that spread all others': [
    45,
    (n) => ({
      query: `{ item(id: "1") { ...F0 } } ${repeat(n, (i) => `fragment F${i} on Item { id ${repeat(n - i, (j) => (i + j + 1 < n ? `...F${i + j + 1}` : 'title'))} }`)}`,
    }),
  ],
  'unused fragments': [
    600,
    (n) => ({ query: `{ __typename } ${repeat(n, (i) => `fragment F${i} on Item { title title id }`)}` }),
  ],
  'overlapping fields': [1_500, (n) => ({ query: `{ ${repeat(n, () => 'item(id: "1") { id }')} }` })],
  'overlapping leaves with arguments': [
    800,
    (n) => ({
      query: `{ user(id: "1") { ${repeat(n, () => 'assignments(attributes: { a: [1, 2, { b: 3 }] }) { bucket }')} } }`,
    }),
  ],
  'overlapping fields with long arguments': [
    100,
    (n) => ({
      query: `{ user(id: "1") { ${repeat(n, () => `assignments(attributes: { a: [${repeat(4_500 / (n + 1), () => '1')}] }) { bucket }`)} } }`,
    }),
  ],
  'overlapping fields with long text': [
    60,
    (n) => ({
      query: `{ user(id: "1") { ${repeat(n, () => `assignments(attributes: "${'x'.repeat(90_000 / (n + 1))}") { bucket }`)} } }`,
    }),
  ],
  'overlapping trees': [
    8,
    (n) => {
      const tree = (depth: number): string =>
        depth <= 0
          ? 'id'
          : repeat(3, () => `experiment { variants { key } key } assignments { ${tree(depth - 1)} bucket }`)
      return { query: `{ user(id: "1") { ${tree(n).replaceAll('id', 'bucket')} } }` }
    },
  ],
  'conflicting fields': [1_000, (n) => ({ query: `{ ${repeat(n, (i) => `x: item(id: "${i}") { id }`)} }` })],
  'inline fragments': [
    1_500,
    (n) => ({
      query: `{ item(id: "1") { ${'... on Item { '.repeat(Math.min(n, 15))} ${repeat(n, () => '... on Item { id }')} ${'} '.repeat(Math.min(n, 15))} } }`,
    }),
  ],
  'unknown fields': [2_000, (n) => ({ query: `{ ${repeat(n, (i) => `recommendation${i}`)} }` })],
  'unknown types': [1_000, (n) => ({ query: `{ ${repeat(n, (i) => `... on Recommendation${i} { id }`)} }` })],
  'unknown arguments': [
    900,
    (n) => ({ query: `{ item(id: "1", ${repeat(n, (i) => `argument${i}: 1`)}) { id } }` }),
  ],
  'long names': [20, (n) => ({ query: `{ ${repeat(n, (i) => `${'n'.repeat(90_000 / (n + 1))}${i}`)} }` })],
  'a huge string': [1_000_000, (n) => ({ query: `{ item(id: "${'x'.repeat(n)}") { id } }` })],
  'a string just within': [99_000, (n) => ({ query: `{ item(id: "${'\\u00e9'.repeat(n / 6)}") { id } }` })],
  'a block string': [99_000, (n) => ({ query: `{ item(id: """${' \n'.repeat(n / 2)}""") { id } }` })],
  'a huge number': [99_000, (n) => ({ query: `{ items(first: ${'9'.repeat(n)}) { totalCount } }` })],
  'a huge exponent': [
    99_000,
    (n) => ({ query: `{ recommendations(userId: "1", attributes: { a: 1e${'9'.repeat(n)} }) { id } }` }),
  ],
  'a long list': [
    2_900,
    (n) => ({ query: `{ items(filter: { ids: [${repeat(n, (i) => `${i}`)}] }) { totalCount } }` }),
  ],
  'a wide object': [
    900,
    (n) => ({
      query: `{ recommendations(userId: "1", attributes: { ${repeat(n, (i) => `a${i}: ${i}`)} }) { id } }`,
    }),
  ],
  'comments and line breaks': [900_000, (n) => ({ query: `${'#\n'.repeat(n / 2)}{ nothing }` })],
  'line breaks before mistakes': [
    90_000,
    (n) => ({ query: `${'\n'.repeat(n)}{ ${repeat(50, (i) => `nothing${i}`)} }` }),
  ],
  'repeated directives': [3_000, (n) => ({ query: `{ __typename ${'@skip(if: false) '.repeat(n)} }` })],
  'unknown directives': [3_000, (n) => ({ query: `{ __typename ${repeat(n, (i) => `@d${i}`)} }` })],
  conditions: [
    99,
    (n) => ({
      query: `query (${repeat(n, (i) => `$v${i}: Boolean! = false`)}) { item(id: "1") { ${repeat(n, (i) => `title @skip(if: $v${i})`)} } }`,
    }),
  ],
  'deferred parts': [
    20,
    (n) => ({
      query: `{ ${SLATE} { ${repeat(n, (i) => `... @defer(label: "d${i}") { exposures { status } }`)} } }`,
    }),
  ],
  'deferred and large': [
    5,
    (n) => ({
      query: `{ ${SLATE} { ${repeat(n, (i) => `... @defer(label: "d${i}") { items(first: 1) { edges { rank reason { text } node { id title creator } } } exposures { experiment { key variants { modelVersion { id } } } status } user { interactions(first: 1) { nodes { item { id title } } } assignments { bucket } } }`)} } }`,
    }),
  ],
  'many variables': [700, (n) => ({ query: `query (${repeat(n, (i) => `$v${i}: Int`)}) { __typename }` })],
  'one variable, used often': [
    900,
    (n) => ({
      query: `query ($id: ID!) { ${repeat(n, () => '...F')} } fragment F on Query { item(id: $id) { id } }`,
      variables: { id: '1' },
    }),
  ],
  'many operations over one fragment': [
    500,
    (n) => ({
      query: `${repeat(n, (i) => `query Q${i}($id: ID!) { ...F }`)} fragment F on Query { ${repeat(n, () => 'item(id: $id) { id }')} }`,
      variables: { id: '1' },
    }),
  ],
  'many operations': [1_200, (n) => ({ query: repeat(n, (i) => `query Q${i} { __typename }`) })],
  'huge variables': [
    250_000,
    (n) => ({
      query: 'query ($f: ItemFilter) { items(filter: $f) { totalCount } }',
      variables: { f: { ids: Array(Math.floor(n)).fill('a') } },
    }),
  ],
  'wrong variables': [
    250_000,
    (n) => ({
      query: 'query ($f: ItemFilter) { items(filter: $f) { totalCount } }',
      variables: { f: { ids: Array(Math.floor(n)).fill({}) } },
    }),
  ],
  'many interactions': [
    9_000,
    (n) => ({
      query: 'mutation ($i: RecordInteractionsInput!) { recordInteractions(input: $i) { accepted } }',
      variables: {
        i: {
          interactions: Array(Math.floor(n)).fill({ eventId: 'e', userId: 'u', itemId: 'i', type: 'PLAY' }),
        },
      },
    }),
  ],
  'any JSON': [
    100_000,
    (n) => ({
      query: 'query ($a: JSON) { recommendations(userId: "u", attributes: $a) { id } }',
      variables: { a: Object.fromEntries(Array.from({ length: Math.floor(n / 2) }, (_, i) => [`k${i}`, i])) },
    }),
  ],
  'valid and large': [
    49,
    (n) => ({
      query: `{ ${repeat(Math.min(n, 19), (i) => `a${i}: ${SLATE} { id items(first: 1) { edges { rank node { id title creator categories createdAt } reason { text item { id title } } } nodes { id title } } servedBy { rung cause } exposures { experiment { key variants { key modelVersion { id stageHistory { at } } } } status } user { interactions(first: 1) { nodes { item { id title } } } assignments { experiment { key } } } }`)} }`,
    }),
  ],
  introspection: [
    30,
    (n) => ({
      query: `{ ${repeat(n, (i) => `a${i}: __schema { types { fields { type { fields { type { name } } } } } }`)} }`,
    }),
  ],
  'a bad ending': [2_900, (n) => ({ query: `{ item(id: "1") { ${'id '.repeat(n)} } } }` })],
}

/** One of every kind, of this share of the largest. */
export function requestOfEachKind(share: number): readonly HostileRequest[] {
  return Object.entries(KINDS).map(([kind, [largest, make]]) => ({
    kind,
    body: make(Math.max(1, largest * share)),
  }))
}

/** Hostile requests of every kind in turn, from small to very large. The same seed gives the same. */
export function* hostileRequests(count: number, seed: number): Generator<HostileRequest> {
  const random = createTestRandom(seed)
  const kinds = Object.entries(KINDS)
  for (let index = 0; index < count; index += 1) {
    const [kind, [largest, make]] = kinds[index % kinds.length] ?? ['', [0, () => ({ query: '' })]]
    // Often just at what the kind allows, where limits refuse least.
    const size = largest * (random.chance(0.3) ? 1 : (random.below(1_000) / 1_000) ** 2)
    yield { kind, body: make(Math.max(1, size)) }
  }
}

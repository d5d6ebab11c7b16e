import { getIntrospectionQuery } from 'graphql'
import { expect, test } from 'vitest'
import { prepareOperation } from '../operations/prepare-operation.ts'
import { sampleGraph } from '../testing/sample-graph.ts'
import { DEFAULT_OPERATION_LIMITS, type OperationLimits } from './operation-limits.ts'

const GRAPH = sampleGraph()

const LIMITS: OperationLimits = {
  documentLength: 1_000,
  tokens: 100,
  variableValues: 100_000,
  depth: 3,
  selections: 12,
  rootFields: 4,
  aliases: 3,
  directives: 2,
  deferredFragments: 1,
  cost: 1_000,
  listSize: 10,
}

function prepare(query: string, limits: OperationLimits, supergraph = GRAPH) {
  return prepareOperation(
    supergraph,
    { query, operationName: undefined, acceptsParts: false },
    { rules: { limits, introspection: true } },
  )
}

/** Whoever asks it for its schema, as validation does, gets an error. */
const NOT_TO_BE_USED: typeof GRAPH = Object.create(GRAPH, {
  schema: {
    get() {
      throw new Error('used before the limits were checked')
    },
  },
})

/** What the refusal says of the limit that was exceeded. */
function refusal(query: string, limits: OperationLimits): unknown {
  const prepared = prepare(query, limits, NOT_TO_BE_USED)
  if ('compiledFor' in prepared) throw new Error('was accepted')
  const { code, details } = Object(prepared[0]?.originalError)
  return { code, ...details, message: prepared[0]?.message, mistakes: prepared.length }
}

const TWICE = 'fragment F on Query { ...G ...G } fragment G on Query { page { id } }'

test.each([
  ['documentLength', '# a comment that is long'.padEnd(1_001, '.'), 'Document length', 1_001],
  ['tokens', `{ ${'must '.repeat(99)} }`, 'Number of tokens', 101],
  ['brackets', `{ page(id: ${'['.repeat(101)}`, 'Depth of brackets', 101],
  ['depth', '{ page { parent { parent { id } } } }', 'Depth', 4],
  ['depth', '{ page { ...A } } fragment A on Page { parent { ...B } } fragment B on Page { id }', 'Depth', 5],
  ['selections', `{ page { ${'id '.repeat(12)} } }`, 'Number of selections', 13],
  ['selections', `{ ...F ...F } ${TWICE}`, 'Number of selections', 14],
  ['selections', `{ page { ... @defer { ${'id '.repeat(5)} } id } }`, 'Number of selections', 13],
  ['rootFields', `{ ${'must '.repeat(5)} }`, 'Number of root fields', 5],
  [
    'rootFields',
    '{ ...A ... on Query { ...A } must } fragment A on Query { must must }',
    'Number of root fields',
    5,
  ],
  ['aliases', '{ page { a: id b: id c: id d: id } }', 'Number of aliases', 4],
  ['aliases', '{ ...A ...A } fragment A on Query { page { a: id b: id } }', 'Number of aliases', 4],
  ['directives', `{ must ${'@include(if: true) '.repeat(3)} }`, 'Number of directives', 3],
  [
    'directives',
    '{ ...A ...A } fragment A on Query { must @skip(if: false) page @skip(if: true) { id } }',
    'Number of directives',
    4,
  ],
  ['directives', 'query ($a: ID @a @b) @c { page(id: $a) { id } }', 'Number of directives', 3],
  [
    'deferredFragments',
    '{ ... @defer { must } ... @defer(if: false) { must } }',
    'Number of deferred fragments',
    2,
  ],
  [
    'deferredFragments',
    '{ ...A ...A } fragment A on Query { page { ...B @defer } } fragment B on Page { id }',
    'Number of deferred fragments',
    2,
  ],
  [
    'deferredFragments',
    'query A { ... @defer { must } } query B { ... @defer { must } }',
    'Number of deferred fragments',
    2,
  ],
] as const)('%s are bounded before validation: %s', (name, query, label, measured) => {
  const limits = name === 'depth' ? LIMITS : { ...LIMITS, depth: 20 }
  const max = name === 'brackets' ? 100 : limits[name]
  const code = {
    documentLength: 'DOCUMENT_LENGTH_LIMIT_EXCEEDED',
    tokens: 'TOKEN_LIMIT_EXCEEDED',
    brackets: 'DEPTH_LIMIT_EXCEEDED',
    depth: 'DEPTH_LIMIT_EXCEEDED',
    selections: 'SELECTION_LIMIT_EXCEEDED',
    rootFields: 'ROOT_FIELD_LIMIT_EXCEEDED',
    aliases: 'ALIAS_LIMIT_EXCEEDED',
    directives: 'DIRECTIVE_LIMIT_EXCEEDED',
    deferredFragments: 'DEFERRED_FRAGMENT_LIMIT_EXCEEDED',
  }[name]
  expect(refusal(query, limits)).toEqual({
    code,
    limit: { name, max, measured },
    message: `${label} ${measured} exceeds the limit of ${max}.`,
    mistakes: 1,
  })
})

test.each([
  ['depth', '{ page { parent { id } } }'],
  ['selections', `{ page { ${'id '.repeat(11)} } }`],
  ['selections', `{ page { ... @defer { ${'id '.repeat(5)} } } }`],
  ['rootFields', '{ must must must must }'],
  ['aliases', '{ page { a: id b: id c: id } }'],
  ['directives', '{ must @skip(if: false) @include(if: true) }'],
  ['deferredFragments', '{ page { ... @defer { title } ... @include(if: true) { id } } }'],
])('%s at the limit are accepted', (_name, query) => {
  expect(prepare(query, LIMITS)).toHaveProperty('compiledFor')
})

test('a fragment that doubles a thousand times is measured, not walked', () => {
  const chain = Array.from({ length: 500 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)
  const query = `{ ...F0 } ${chain.join(' ')} fragment F500 on Query { a: must }`
  const unbounded = { ...DEFAULT_OPERATION_LIMITS, tokens: 100_000, depth: 1_000 }
  expect(refusal(query, unbounded)).toMatchObject({
    limit: { name: 'selections', measured: Number.MAX_SAFE_INTEGER },
  })
})

test('the selections of all operations of a document count together, since all are validated', () => {
  const query = 'query A { page { id title } } query B { page { id title } }'
  expect(refusal(query, { ...LIMITS, selections: 5 })).toMatchObject({ limit: { measured: 6 } })
})

test('fragments that lead back to themselves are measured once, and refused by validation', () => {
  const cyclic = '{ ...A } fragment A on Query { must ...B } fragment B on Query { ...A }'
  expect(prepare(cyclic, LIMITS)).toEqual([
    expect.objectContaining({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
  ])
})

test('after ten mistakes no others are looked for; each is told each in a line of bounded length', () => {
  const name = 'a'.repeat(5_000)
  const mistakes = prepare(
    `{ ${Array.from({ length: 12 }, (_, n) => name + n).join(' ')} }`,
    DEFAULT_OPERATION_LIMITS,
  )
  if ('compiledFor' in mistakes) throw new Error('was accepted')
  expect(mistakes).toHaveLength(11)
  expect(mistakes.at(-1)?.message).toContain('Validation aborted')
  expect(Math.max(...mistakes.map(({ message }) => message.length))).toBeLessThan(310)
})

test('aliases multiply what introspection answers, so few are allowed there', () => {
  const numbers = [0, 1, 2, 3]
  const roots = numbers.map((number) => `a${number}: __schema { types { name } }`)
  const inside = numbers.map((number) => `a${number}: types { name }`)
  const fragment = `{ __schema { ...F } } fragment F on __Schema { ${inside.join(' ')} }`
  for (const query of [`{ ${roots.join(' ')} }`, `{ __schema { ${inside.join(' ')} } }`, fragment]) {
    expect(refusal(query, DEFAULT_OPERATION_LIMITS)).toMatchObject({
      code: 'ALIAS_LIMIT_EXCEEDED',
      limit: { name: 'introspectionAliases', max: 3, measured: 4 },
    })
  }
  const ordinary = numbers.map((number) => `a${number}: must`)
  const tools = getIntrospectionQuery({
    ...{ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true },
    ...{ inputValueDeprecation: true, oneOf: true },
  })
  for (const query of [tools, `{ ${ordinary.join(' ')} __schema { __typename } }`]) {
    expect(prepare(query, DEFAULT_OPERATION_LIMITS)).toHaveProperty('compiledFor')
  }
})

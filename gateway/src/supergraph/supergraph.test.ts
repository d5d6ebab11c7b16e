import { setImmediate } from 'node:timers/promises'
import { type GraphQLSchema, isEnumType, isObjectType, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { composeSample } from '../testing/compose-sample.ts'
import { buildSupergraph, buildSupergraphWithPauses } from './supergraph.ts'

const SIMPLE = { a: 'type Query { a: Int }' }

function fieldsOf(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name)
  return isObjectType(type) ? Object.keys(type.getFields()) : []
}

test('subgraphs are listed with the URLs of the document', () => {
  const { subgraphs, sdl } = buildSupergraph(composeSample({ ...SIMPLE, b: 'type Query { b: Int }' }))
  expect(subgraphs).toEqual([
    { name: 'a', url: 'http://a.example/graphql' },
    { name: 'b', url: 'http://b.example/graphql' },
  ])
  expect(sdl).toContain('@join__graph(name: "b"')
})

test('clients do not see what is inaccessible, nor the machinery of the supergraph; the full schema has both', () => {
  const sdl = composeSample({
    a: `type Query { shown(how: How, secretly: Boolean @inaccessible): Shown  hidden: Hidden @inaccessible }
        type Shown { a: Int  b: Int @inaccessible }
        type Hidden @inaccessible { a: Int }
        enum How { FAST SLOW @inaccessible }`,
  })
  const { schema, fullSchema } = buildSupergraph(sdl)
  expect(fieldsOf(schema, 'Query')).toEqual(['shown'])
  expect(fieldsOf(schema, 'Shown')).toEqual(['a'])
  expect(
    schema
      .getQueryType()
      ?.getFields()
      .shown?.args.map(({ name }) => name),
  ).toEqual(['how'])
  const how = schema.getType('How')
  expect(isEnumType(how) && how.getValues().map(({ name }) => name)).toEqual(['FAST'])
  expect(Object.keys(schema.getTypeMap()).filter((name) => /^(join|link)__|^Hidden$/.test(name))).toEqual([])
  expect(schema.getDirectives().map(({ name }) => name)).not.toContain('join__type')

  expect(fieldsOf(fullSchema, 'Query')).toEqual(['shown', 'hidden'])
  expect(fieldsOf(fullSchema, 'Hidden')).toEqual(['a'])
})

test('clients may defer', () => {
  const { schema } = buildSupergraph(composeSample(SIMPLE))
  expect(validate(schema, parse('{ ... @defer(label: "later", if: true) { a } }'))).toEqual([])
})

const TAGGED = `
  type Query { serve: Slate @tag(name: "effect")  plain: Int @tag(name: "other")  also: Int @tag(name: "other") @tag(name: "effect") }
  type Slate implements Served { id: ID!  open: Int @tag(name: "effect") }
  interface Served { id: ID! @tag(name: "effect") }
`

test('fields with the tag `effect` are listed, of types and of interfaces', () => {
  const { effects } = buildSupergraph(composeSample({ a: TAGGED }))
  expect([...effects].sort()).toEqual(['Query.also', 'Query.serve', 'Served.id', 'Slate.open'])
})

test('the tag counts under any name that the supergraph imports it by', () => {
  const renamed = composeSample({ a: TAGGED })
    .replace('/tag/v0.3"', '/tag/v0.3", import: [{ name: "@tag", as: "@label" }]')
    .replaceAll('@tag(', '@label(')
  expect(buildSupergraph(renamed).effects).toContain('Query.serve')
})

test('a supergraph with @policy is refused, since nothing would enforce it', () => {
  const sdl = composeSample({ a: 'type Query { a: Int @policy(policies: [["p"]]) }' })
  expect(() => buildSupergraph(sdl)).toThrow(
    'feature https://specs.apollo.dev/policy/v0.1 is for: SECURITY but is unsupported',
  )
  expect(() => buildSupergraph(sdl.replace('/policy/v0.1", for: SECURITY', '/policy/v0.1"'))).toThrow(
    '@policy is not supported',
  )
})

test('the rules of fields and types are read, under any name that the supergraph imports the directives by', () => {
  const sdl = composeSample({
    a: `type Query { a: Int @authenticated b: Secret c: Int }
      type Secret { d: Int @requiresScopes(scopes: [["x", "y"], ["z"]]) e: Code }
      scalar Code @requiresScopes(scopes: [["x"]])`,
  })
  const expected = [
    ['Code', [{ id: '[["x"]]', scopes: [['x']] }]],
    ['Query.a', [{ id: 'null', scopes: null }]],
    ['Secret.d', [{ id: '[["x","y"],["z"]]', scopes: [['x', 'y'], ['z']] }]],
  ]
  const rulesOf = (text: string) => [...buildSupergraph(text).accessRules].sort()
  expect(rulesOf(sdl)).toEqual(expected)
  const renamed = sdl
    .replace(
      '/requiresScopes/v0.1"',
      '/requiresScopes/v0.1", import: [{ name: "@requiresScopes", as: "@needs" }]',
    )
    .replaceAll('@requiresScopes(', '@needs(')
  expect(rulesOf(renamed)).toEqual(expected)
})

test('a supergraph with @context is built: its arguments are for the executor, clients do not see them', () => {
  const sdl = composeSample({
    a: `type Query { shop: Shop }
        type Shop @key(fields: "id") @context(name: "shop") { id: ID!  currency: String  sale: Sale }
        type Sale @key(fields: "id") { id: ID!  price(currency: String @fromContext(field: "$shop { currency }")): Int }`,
  })
  const sale = buildSupergraph(sdl).schema.getType('Sale')
  expect(isObjectType(sale) && sale.getFields().price?.args).toEqual([])
})

const LINK = '@link(url: "https://specs.apollo.dev/link/v1.0")'
const UNKNOWN = 'https://features.example/paywall/v1.0'

test.each([
  ['no GraphQL', '<html>', 'Syntax Error: Unexpected character: "<" (line 1, column 1)'],
  ['empty', '', 'Syntax Error: Unexpected <EOF> (line 1, column 1)'],
  ['a schema of one service', 'type Query { a: Int }', 'must be a core schema'],
  [
    'a subgraph',
    'extend schema @link(url: "x") type Query { a: A } type A @key(fields: "id") { id: ID! }',
    'Unknown directive "@link" (line 1, column 15); Unknown directive "@key" (line 1, column 58)',
  ],
  ['half written', composeSample(SIMPLE).slice(0, 1_000), 'Syntax Error'],
  [
    'of an unknown join',
    composeSample(SIMPLE).replace(/join\/v0\.\d/, 'join/v0.99'),
    'join spec version v0.99',
  ],
  ['of an unknown link', composeSample(SIMPLE).replace('link/v1.0', 'link/v9.0'), 'unknown version v9.0'],
  [
    'with an unknown feature for security',
    composeSample(SIMPLE).replace(LINK, `${LINK} @link(url: "${UNKNOWN}", for: SECURITY)`),
    `feature ${UNKNOWN} is for: SECURITY`,
  ],
  [
    'with an unknown feature for execution',
    composeSample(SIMPLE).replace(LINK, `${LINK} @link(url: "${UNKNOWN}", for: EXECUTION)`),
    `feature ${UNKNOWN} is for: EXECUTION`,
  ],
  [
    'with nothing to ask for',
    composeSample({ a: 'type Query { a: Int b: Int @inaccessible }' }).replace('a: Int\n', ''),
    'all of its fields are @inaccessible',
  ],
])('a text that is %s is refused with one line that says why', (_name, sdl, message) => {
  let thrown: unknown
  try {
    buildSupergraph(sdl)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ name: 'SupergraphError', message: expect.stringContaining(message) })
  expect((thrown as Error).message).not.toMatch(/\n|GraphQL request/)
})

test('many problems are counted, not listed', () => {
  const sdl = composeSample(SIMPLE).replace('a: Int', 'a: Int @x1 @x2 @x3 @x4 @x5')
  expect(() => buildSupergraph(sdl)).toThrow(/"@x1".*"@x3".*; and 2 more$/)
})

test('with pauses, other work runs between the steps, and the result is the same', async () => {
  const sdl = composeSample({ a: TAGGED })
  let turns = 0
  let building = true
  const others = (async () => {
    while (building) {
      await setImmediate()
      turns += 1
    }
  })()
  const built = await buildSupergraphWithPauses(sdl, new AbortController().signal)
  building = false
  await others
  expect(turns).toBeGreaterThanOrEqual(5)
  expect(built.effects).toEqual(buildSupergraph(sdl).effects)
  await expect(buildSupergraphWithPauses('<html>', new AbortController().signal)).rejects.toThrow(
    'Syntax Error',
  )
})

test('building with pauses can be given up', async () => {
  const controller = new AbortController()
  const built = buildSupergraphWithPauses(composeSample(SIMPLE), controller.signal)
  controller.abort(new Error('given up'))
  await expect(built).rejects.toThrow('given up')
})

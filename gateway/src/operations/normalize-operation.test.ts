import { buildSchema, Kind, parse, print } from 'graphql'
import { expect, test } from 'vitest'
import { normalizeOperation } from './normalize-operation.ts'

const SCHEMA = buildSchema(`
  directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @note(text: String, level: Int! = 1) on FIELD
  type Query { page(id: ID): Page  pages: [Page] }
  type Page { id: ID!  title(length: Int): String  parent: Page }
  type Mutation { add: Page  remove: Page }
`)

function normalize(text: string, conditions: Record<string, boolean> = {}) {
  const document = parse(text)
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new Error('no operation')
  const supergraph = {
    schema: SCHEMA,
    requiredWithArguments: new Set(['title']),
    required: { fields: new Map(), neededBy: new Map() },
  }
  return normalizeOperation(document, operation, new Map(Object.entries(conditions)), supergraph)
}

function textOf(text: string, conditions?: Record<string, boolean>): string {
  return print(normalize(text, conditions).document).replaceAll(/\s+/g, ' ').trim()
}

test('an alias becomes a key that no schema has, and is found again by it', () => {
  const { document, clientKeys } = normalize('{ id: pages { title: id } }')
  expect(print(document).replaceAll(/\s+/g, ' ')).toBe('{ _0_pages: pages { _1_id: id } }')
  expect(clientKeys.get('_0_pages')).toBe('id')
  expect(clientKeys.get('_1_id')).toBe('title')
})

test('a field that is required with arguments gets such a key even where it has no alias', () => {
  expect(textOf('{ pages { title id } }')).toBe('{ pages { _0_title: title id } }')
})

test('one client key is one key everywhere, so that fields merge as before', () => {
  expect(textOf('{ pages { a: id } ...F } fragment F on Query { pages { a: id } }')).toBe(
    '{ pages { _0_id: id } ...F } fragment F on Query { pages { _0_id: id } }',
  )
})

test('conditions are decided, and their directives are gone', () => {
  const query = 'query ($v: Boolean!) { pages { id @skip(if: $v) parent @include(if: $v) { id } } }'
  expect(textOf(query, { v: true })).toBe('query ($v: Boolean!) { pages { parent { id } } }')
  expect(textOf(query, { v: false })).toBe('query ($v: Boolean!) { pages { id } }')
})

test('other directives stay, with their defaults', () => {
  expect(textOf('{ pages { id @note(text: "a") @skip(if: false) } }')).toBe(
    '{ pages { id @note(text: "a", level: 1) } }',
  )
})

test('where nothing is left, a field stands that the client does not get', () => {
  const { document, clientKeys } = normalize('{ pages { id @skip(if: true) } }')
  expect(print(document).replaceAll(/\s+/g, ' ')).toBe('{ pages { _: __typename } }')
  expect(clientKeys.get('_')).toBeNull()
})

test('a condition of @defer is decided too', () => {
  const query = 'query ($v: Boolean!) { ... @defer(label: "a", if: $v) { pages { id } } }'
  expect(textOf(query, { v: true })).toBe('query ($v: Boolean!) { ... @defer(label: "a") { pages { id } } }')
  expect(textOf(query, { v: false })).toBe('query ($v: Boolean!) { ... { pages { id } } }')
})

test('introspection is left alone', () => {
  const query = '{ a: __schema { t: types { ...T } } } fragment T on __Type { n: name }'
  expect(textOf(query)).toBe(query)
})

test('the root fields of a mutation stand in their order, whatever fragments they are in', () => {
  expect(
    textOf(
      'mutation { add { id } ... @defer { remove { id } } ...F } fragment F on Mutation { add { title } }',
    ),
  ).toBe(
    'mutation { add { id } add { _0_title: title } remove { id } } fragment F on Mutation { add { _0_title: title } }',
  )
})

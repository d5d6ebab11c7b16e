import { buildSchema, type OperationDefinitionNode, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { operationUsage } from './operation-usage.ts'
import { noCoordinates } from './used-coordinates.ts'

const SCHEMA = buildSchema(`
  type Query { items(where: Filter, sort: Sort = NEWEST, ids: [ID!]): [Item!] one(id: ID!): Item any(json: JSON): Any }
  type Mutation { put(input: Put!): Item }
  interface Item { id: ID! label(size: Int): String tags(kind: Kind): [Tag!] }
  type Book implements Item { id: ID! label(size: Int): String tags(kind: Kind): [Tag!] pages: Int }
  type Tag { name: String kind: Kind }
  union Any = Book | Tag
  enum Sort { NEWEST OLDEST }
  enum Kind { A B C }
  input Filter { kind: Kind kinds: [Kind!] not: Filter text: String and: [Filter!] }
  input Put { id: ID! tags: [TagInput!]! sort: Sort = OLDEST }
  input TagInput { name: String! kind: Kind }
  scalar JSON
`)

function usageOf(query: string, operationName?: string) {
  const document = parse(query)
  expect(validate(SCHEMA, document)).toEqual([])
  const operations = document.definitions.filter((one) => one.kind === 'OperationDefinition')
  const operation = operations.find(({ name }) => name?.value === operationName) ?? operations[0]
  return operationUsage(document, operation as OperationDefinitionNode, SCHEMA)
}

function sorted(coordinates: ReadonlySet<string>): readonly string[] {
  return [...coordinates].sort()
}

/** What these values of the operation's variables use. */
function usedBy(query: string, variables: Record<string, unknown>) {
  const used = noCoordinates()
  usageOf(query).ofVariables?.(variables, used)
  expect([used.fields.size, used.arguments.size]).toEqual([0, 0])
  return { inputFields: sorted(used.inputFields), enumValues: sorted(used.enumValues) }
}

test('fields and arguments are named with the type that they are selected on', () => {
  const { used } = usageOf(`query Items {
    all: items(ids: [1]) { id label(size: 3) ... on Book { pages tags(kind: A) { ...T } } }
  } fragment T on Tag { name __typename }`)
  expect(sorted(used.fields)).toEqual([
    'Book.pages',
    'Book.tags',
    'Item.id',
    'Item.label',
    'Query.items',
    'Tag.name',
  ])
  expect(sorted(used.arguments)).toEqual(['Book.tags(kind:)', 'Item.label(size:)', 'Query.items(ids:)'])
  expect(sorted(used.enumValues)).toEqual(['Kind.A'])
})

test('enum values and input fields are found in literals and in defaults of variables, at any depth', () => {
  const { used } = usageOf(`query Q($sort: Sort = OLDEST, $more: [Filter!] = [{ kinds: [C] }]) {
    items(sort: $sort, where: { not: { kind: B }, and: $more }) { id }
  }`)
  expect(sorted(used.enumValues)).toEqual(['Kind.B', 'Kind.C', 'Sort.OLDEST'])
  expect(sorted(used.inputFields)).toEqual(['Filter.and', 'Filter.kind', 'Filter.kinds', 'Filter.not'])
})

test('other operations of the document, and introspection, are not used', () => {
  const { used, operationName } = usageOf(
    '{ __schema { types { name } } one(id: 1) { ...I } } fragment I on Item { id }',
  )
  expect([operationName, ...used.fields]).toEqual([null, 'Query.one', 'Item.id'])
  const two = usageOf(
    'query A { one(id: 1) { id } } query B { any { ...T } } fragment T on Tag { kind }',
    'B',
  )
  expect(sorted(two.used.fields)).toEqual(['Query.any', 'Tag.kind'])
  expect(two.document).not.toContain('query A')
})

test('the signature is the same however a client writes an operation, and holds no value of a user', () => {
  const secret = 'hush-hush'
  const one = usageOf(
    `query Q { a: one(id: "${secret}") { id } items(where: { text: "${secret}" }) { id label } }`,
  )
  const other = usageOf(`
    # The same.
    query Q { items(where: {text: "other", kind: A}) { label, id } one(id: 17) { id } }`)
  expect(other.signature).not.toBe(usageOf('query P { one(id: 1) { id } }').signature)
  expect(one.signature).toMatch(/^[0-9a-f]{64}$/)
  expect(one.document).not.toContain(secret)
  expect(one.document).toBe('query Q{items(where:{}){id label}one(id:""){id}}')
  expect(other.document).toBe('query Q{items(where:{}){id label}one(id:0){id}}')
  const text = usageOf(`query Q { one(id: "x") { id } items(where: { text: "y", kind: A }) { id label } }`)
  expect(text.signature).toBe(one.signature)
})

test('the values of variables use input fields and enum values too', () => {
  const put = 'mutation Put($input: Put!) { put(input: $input) { id } }'
  expect(usedBy(put, { input: { id: '1', tags: [{ name: 'x', kind: 'B' }, { name: 'y' }] } })).toEqual({
    inputFields: ['Put.id', 'Put.tags', 'TagInput.kind', 'TagInput.name'],
    enumValues: ['Kind.B'],
  })
  const find = 'query Find($where: Filter, $sort: Sort) { items(where: $where, sort: $sort) { id } }'
  expect(usedBy(find, { where: { not: { not: { kinds: 'A', and: null } } } })).toEqual({
    inputFields: ['Filter.and', 'Filter.kinds', 'Filter.not'],
    enumValues: ['Kind.A'],
  })
  expect(usedBy(find, { sort: 'NEWEST' })).toEqual({ inputFields: [], enumValues: ['Sort.NEWEST'] })
  expect(usedBy(find, {})).toEqual({ inputFields: [], enumValues: [] })
})

test('whatever JSON holds, it names nothing of the schema', () => {
  const query = 'query Any($json: JSON) { any(json: $json) { __typename } }'
  expect(usageOf(query).ofVariables).toBeNull()
  expect(sorted(usageOf('{ any(json: { kind: A }) { __typename } }').used.enumValues)).toEqual([])
})

test('without variables of such types there is nothing to look at', () => {
  expect(
    usageOf('query One($id: ID!, $size: Int) { one(id: $id) { label(size: $size) } }').ofVariables,
  ).toBeNull()
})

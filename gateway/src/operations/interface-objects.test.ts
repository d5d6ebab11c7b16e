import { buildSchema, parse, print } from 'graphql'
import { expect, test } from 'vitest'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { documentForPlanner, hasInterfaceObject } from './interface-objects.ts'

const SCHEMA = buildSchema(`
  directive @defer on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { items: [Item]  parts: [Part] }
  interface Item { id: ID!  label: String  price: Int }
  interface Sized { size: Int }
  type Book implements Item & Sized { id: ID!  label: String  price: Int  size: Int }
  type Film implements Item { id: ID!  label: String  price: Int  parts: [Part] }
  type Part implements Sized { size: Int  item: Item }
`)

/** Item is an interface object somewhere, where `label` requires something. */
function rewrite(query: string, interfaceObjects = new Map([['Item', new Set(['label'])]])): string {
  const supergraph = { schema: SCHEMA, interfaceObjects } as unknown as Supergraph
  return print(documentForPlanner(parse(query), supergraph))
    .replaceAll(/\s+/g, ' ')
    .trim()
}

test('a field that requires something is asked for outside fragments on object types', () => {
  expect(rewrite('{ items { ... on Film { label price } } }')).toBe(
    '{ items { ... on Film { price } label } }',
  )
  expect(rewrite('{ items { ... on Film { ... on Item { a: label } } } }')).toBe('{ items { a: label } }')
})

test('so it is at any depth, and in named fragments', () => {
  const query = '{ items { ...F } } fragment F on Film { parts { item { ... on Book { label } } } }'
  expect(rewrite(query)).toBe('{ items { ... on Film { parts { item { label } } } } }')
})

test('a fragment on another abstract type becomes one for each object type that can be there', () => {
  expect(rewrite('{ items { ... on Sized { size } } }')).toBe('{ items { ... on Book { size } } }')
})

test('fields stay where the type is no interface object', () => {
  const query = '{ parts { ... on Sized { size } } items { ... on Film { price } } }'
  expect(rewrite(query)).toBe(query)
})

test('what is deferred stays deferred', () => {
  const query = '{ items { ... on Film @defer { label } } }'
  expect(rewrite(query)).toBe(query)
})

test('nothing changes in a graph without interface objects', () => {
  const query = '{ items { ...F } } fragment F on Film { label }'
  expect(rewrite(query, new Map())).toBe(query)
})

test.each([
  ['the interface itself', '{ items { id } }', true],
  ['one of its types, below another type', '{ parts { size item { id } } }', true],
  ['no such interface', '{ parts { size } }', false],
])('an operation with %s', (_name, query, expected) => {
  const interfaceObjects = new Map([['Item', new Set<string>()]])
  expect(hasInterfaceObject(parse(query), { schema: SCHEMA, interfaceObjects })).toBe(expected)
})

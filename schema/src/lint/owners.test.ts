import { expect, test } from 'vitest'
import { sampleGraph } from '../testing/sample-graph.ts'
import { createOwners } from './owners.ts'

const CONTACT = 'directive @contact(name: String!, url: String, description: String) on SCHEMA\n'
const { subgraphs } = sampleGraph({
  catalog: `extend schema @contact(name: "Catalog", url: "https://chat.example.org/catalog")\n${CONTACT}
    type Query { item(id: ID!): Item } type Item @key(fields: "id") { id: ID! title: String }`,
  reviews: 'type Item @key(fields: "id") { id: ID! rating: Float }',
})
const CATALOG = 'Catalog (https://chat.example.org/catalog)'

function ownersOf(
  rows: readonly (readonly [string, ...string[]])[],
  coordinate: string | null,
  of: string[],
) {
  const config = { rows: rows.map(([pattern, ...owners]) => ({ pattern, owners })) }
  return createOwners(subgraphs, config).of(coordinate, of)
}

test.each([
  ['a type', 'Item', 'Item'],
  ['a field of a type', 'Item', 'Item.title'],
  ['an argument of a field', 'Query.item', 'Query.item(id:)'],
  ['any text', 'Item.*', 'Item.title'],
  ['any text in front', '*.title', 'Item.title'],
  ['a directive', '@tag', '@tag'],
  ['a subgraph', 'catalog:', 'Item.title'],
  ['a type in a subgraph', 'catalog:Item', 'Item.title'],
])('a row matches %s: %s', (_what, pattern, coordinate) => {
  expect(ownersOf([[pattern, '@a']], coordinate, ['catalog'])).toEqual(['@a'])
})

test.each([
  ['another type that begins the same', 'Item', 'ItemEdge'],
  ['the type of a field', 'Item.*', 'Item'],
  ['another field that begins the same', 'Item.title', 'Item.titles'],
  ['text that a dot would stand for in a regular expression', 'Item.title', 'Item_title'],
  ['another subgraph', 'reviews:', 'Item.title'],
])('a row does not match %s: %s', (_what, pattern, coordinate) => {
  expect(ownersOf([[pattern, '@a']], coordinate, ['catalog'])).toEqual([CATALOG])
})

test('the last row that matches decides', () => {
  const rows = [
    ['*', '@all'],
    ['Item', '@items'],
    ['Query', '@queries'],
  ] as const
  expect(ownersOf(rows, 'Item.title', ['catalog'])).toEqual(['@items'])
  expect(ownersOf([...rows, ['*', '@all']], 'Item.title', ['catalog'])).toEqual(['@all'])
})

test('a row without owners takes them away, those by contact too', () => {
  expect(ownersOf([['*', '@all'], ['Item']], 'Item.title', ['catalog'])).toEqual([])
})

test('without a row it is the contact of the subgraph, if it names one', () => {
  expect(ownersOf([], 'Item.title', ['catalog'])).toEqual([CATALOG])
  expect(ownersOf([], 'Item.rating', ['reviews'])).toEqual([])
})

test('what several subgraphs write down has the owners of all', () => {
  expect(ownersOf([['reviews:', '@b', '@a']], 'Item.id', ['catalog', 'reviews'])).toEqual([
    '@a',
    '@b',
    CATALOG,
  ])
})

test('what no subgraph is to blame for has owners by rows for everything only', () => {
  expect(
    ownersOf(
      [
        ['*', '@all'],
        ['catalog:', '@catalog'],
      ],
      null,
      [],
    ),
  ).toEqual(['@all'])
})

test('it is known whether anybody is named', () => {
  expect(createOwners([], null).areNamed).toBe(false)
  expect(createOwners([], { rows: [{ pattern: '*', owners: [] }] }).areNamed).toBe(false)
  expect(createOwners([], { rows: [{ pattern: '*', owners: ['@a'] }] }).areNamed).toBe(true)
  expect(createOwners(subgraphs, null).areNamed).toBe(true)
})

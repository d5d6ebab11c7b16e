import { parse, print } from 'graphql'
import { expect, test } from 'vitest'
import { withResolvableKeys } from './resolvable-keys.ts'

function keysOf(type: string): string[] {
  const [definition] = withResolvableKeys(parse(type)).definitions
  return definition && 'directives' in definition ? (definition.directives ?? []).map(print) : []
}

test('a key that a subgraph cannot be asked by goes where it can be asked by another', () => {
  const kept = '@join__type(graph: A, key: "id")'
  expect(keysOf(`type T ${kept} @join__type(graph: A, key: "slug", resolvable: false) { id: ID }`)).toEqual([
    kept,
  ])
})

test('it stays where the subgraph has no other, and another subgraph is left alone', () => {
  const kept = ['@join__type(graph: A, key: "id")', '@join__type(graph: B, key: "id", resolvable: false)']
  expect(keysOf(`interface T ${kept.join(' ')} { id: ID }`)).toEqual(kept)
})

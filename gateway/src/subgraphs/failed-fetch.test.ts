import { type DocumentNode, parse } from 'graphql'
import { expect, test } from 'vitest'
import { failedFetch } from './failed-fetch.ts'

const FAILURE = { code: 'SUBGRAPH_DEADLINE', message: 'too late', retryable: true }
const EXTENSIONS = { code: 'SUBGRAPH_DEADLINE', retryable: true }

function meetsCondition(typename: string, condition: string): boolean {
  return typename === condition || (typename === 'User' && condition === 'Node')
}

function failedRootFetch(document: DocumentNode) {
  return failedFetch({ document, typenames: undefined, meetsCondition }, FAILURE)
}

function pathsOf({ errors }: ReturnType<typeof failedFetch>) {
  return errors.map(({ path }) => path)
}

test('every root field has an error at its response key', () => {
  const document = parse('{ first: experiment(key: "a") { key } experiments { totalCount } __typename }')
  expect(failedRootFetch(document)).toEqual({
    errors: [
      { message: 'too late', path: ['first'], extensions: EXTENSIONS },
      { message: 'too late', path: ['experiments'], extensions: EXTENSIONS },
    ],
  })
})

test('every entity has an error at each field asked of its type', () => {
  const document = parse(`query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on RecommendationSlate { exposures { status } }
      ... on User { __typename mine: assignments { included } }
    }
  }`)
  const typenames = ['RecommendationSlate', 'User']
  expect(failedFetch({ document, typenames, meetsCondition }, FAILURE)).toEqual({
    errors: [
      { message: 'too late', path: ['_entities', 0, 'exposures'], extensions: EXTENSIONS },
      { message: 'too late', path: ['_entities', 1, 'mine'], extensions: EXTENSIONS },
    ],
  })
})

test('a fragment on an interface applies to the types that implement it', () => {
  const document = parse(`{ _entities(representations: []) {
    ... on User { ... on Node { created } }
    ... on Slate { ... on Node { updated } items { id } }
  } }`)
  const typenames = ['User', 'Slate']
  expect(pathsOf(failedFetch({ document, typenames, meetsCondition }, FAILURE))).toEqual([
    ['_entities', 0, 'created'],
    ['_entities', 1, 'items'],
  ])
})

test('an entity that is asked for its type only has the error itself', () => {
  const document = parse(
    '{ _entities(representations: []) { ... on Media { __typename kind: __typename } } }',
  )
  const typenames = ['Media']
  expect(pathsOf(failedFetch({ document, typenames, meetsCondition }, FAILURE))).toEqual([['_entities', 0]])
})

test('fields inside fragments are found', () => {
  const document = parse(`query { ...Root } fragment Root on Query { ... { user(id: "u") { id } } }`)
  expect(pathsOf(failedRootFetch(document))).toEqual([['user']])
})

test('a large page of entities does not multiply into an unbounded list of errors', () => {
  const document = parse('{ _entities(representations: []) { ... on User { a: id b: id c: id } } }')
  const typenames = Array.from({ length: 1_000 }, () => 'User')
  const { errors } = failedFetch({ document, typenames, meetsCondition }, FAILURE)
  expect(errors).toHaveLength(200)
})

test('where the subgraph itself names fields, its errors stand there and the failure at the others', () => {
  const document = parse('{ item(id: "1") { id } user(id: "u") { id } slate(id: "s") { id } }')
  const own = [
    { message: 'no right', path: ['user', 'interactions'], extensions: { code: 'FORBIDDEN' } },
    { message: 'of nothing', extensions: { code: 'INTERNAL' } },
  ]
  const failure = { ...FAILURE, details: { limit: 3 } }
  const fetch = { document, typenames: undefined, meetsCondition, errors: own }
  expect(failedFetch(fetch, failure)).toEqual({
    errors: [
      own[0],
      { message: 'too late', path: ['item'], extensions: { ...EXTENSIONS, details: { limit: 3 } } },
      { message: 'too late', path: ['slate'], extensions: { ...EXTENSIONS, details: { limit: 3 } } },
    ],
  })
})

test('an error at a whole entity stands for all of its fields', () => {
  const document = parse('{ _entities(representations: []) { ... on User { a: id b: id } } }')
  const typenames = ['User', 'User']
  const own = [{ message: 'unknown user', path: ['_entities', 1] }]
  const failed = failedFetch({ document, typenames, meetsCondition, errors: own }, FAILURE)
  expect(pathsOf(failed)).toEqual([
    ['_entities', 1],
    ['_entities', 0, 'a'],
    ['_entities', 0, 'b'],
  ])
})

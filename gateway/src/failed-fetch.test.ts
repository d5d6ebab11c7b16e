import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { failedFetch } from './failed-fetch.ts'

const FAILURE = { code: 'SUBGRAPH_DEADLINE', message: 'too late', retryable: true }
const EXTENSIONS = { code: 'SUBGRAPH_DEADLINE', retryable: true }

test('every root field is null and has an error at its response key', () => {
  const document = parse('{ first: experiment(key: "a") { key } experiments { totalCount } __typename }')
  expect(failedFetch(document, undefined, FAILURE)).toEqual({
    data: { first: null, experiments: null },
    errors: [
      { message: 'too late', path: ['first'], extensions: EXTENSIONS },
      { message: 'too late', path: ['experiments'], extensions: EXTENSIONS },
    ],
  })
})

test('every entity is null and has an error at each field asked of its type', () => {
  const document = parse(`query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on RecommendationSlate { exposures { status } }
      ... on User { __typename mine: assignments { included } }
    }
  }`)
  const representations = [
    { __typename: 'RecommendationSlate', id: '1' },
    { __typename: 'User', id: 'u1' },
  ]
  expect(failedFetch(document, representations, FAILURE)).toEqual({
    data: { _entities: [null, null] },
    errors: [
      { message: 'too late', path: ['_entities', 0, 'exposures'], extensions: EXTENSIONS },
      { message: 'too late', path: ['_entities', 1, 'mine'], extensions: EXTENSIONS },
    ],
  })
})

test('fields inside fragments are found', () => {
  const document = parse(
    `query { ...Root } fragment Root on Query { ... @include(if: true) { user(id: "u") { id } } }`,
  )
  expect(failedFetch(document, undefined, FAILURE).data).toEqual({ user: null })
})

test('a large page of entities does not multiply into an unbounded list of errors', () => {
  const document = parse('{ _entities(representations: []) { ... on User { a: id b: id c: id } } }')
  const representations = Array.from({ length: 1_000 }, () => ({ __typename: 'User' }))
  const { data, errors } = failedFetch(document, representations, FAILURE)
  expect(data._entities).toHaveLength(1_000)
  expect(errors).toHaveLength(200)
})

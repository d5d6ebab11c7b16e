import { expect, test } from 'vitest'
import { acceptedAnswer } from './negotiation.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8'

test.each([
  ['no header', undefined, JSON_TYPE, false],
  ['curl', '*/*', JSON_TYPE, false],
  ['JSON', 'application/json', JSON_TYPE, false],
  [
    'the GraphQL type first',
    'application/graphql-response+json, application/json;q=0.9',
    GRAPHQL_TYPE,
    false,
  ],
  [
    'Apollo Client',
    'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
    GRAPHQL_TYPE,
    true,
  ],
  ['parts alone', 'multipart/mixed;deferSpec=20220824', JSON_TYPE, true],
  [
    'parts of another specification',
    'multipart/mixed;deferSpec=20300101, application/json',
    JSON_TYPE,
    false,
  ],
  ['parts without a specification', 'multipart/mixed, application/json', JSON_TYPE, false],
  ['parts, but rather not', 'multipart/mixed;deferSpec=20220824;q=0, application/json', JSON_TYPE, false],
  ['HTML alone', 'text/html', null, false],
])('%s', (_name, accept, contentType, parts) => {
  expect(acceptedAnswer(accept)).toEqual({ contentType, parts })
})

import { ServiceError } from '@bulkhead/service/errors'
import { expect, test } from 'vitest'
import { readGraphqlRequest } from './request-body.ts'

test('what is absent or null has its default', () => {
  const expected = { query: '{ a }', operationName: undefined, variables: {} }
  expect(readGraphqlRequest({ query: '{ a }' })).toEqual(expected)
  expect(
    readGraphqlRequest({ query: '{ a }', operationName: null, variables: null, extensions: null }),
  ).toEqual(expected)
  expect(readGraphqlRequest({ query: '{ a }', operationName: '' })).toEqual(expected)
})

test('what is there is read', () => {
  expect(readGraphqlRequest({ query: 'query A { a }', operationName: 'A', variables: { x: 1 } })).toEqual({
    query: 'query A { a }',
    operationName: 'A',
    variables: { x: 1 },
  })
})

test.each([
  ['no body', undefined, 'BAD_REQUEST'],
  ['a batch', [{ query: '{ a }' }], 'BATCHING_NOT_SUPPORTED'],
  ['an empty batch', [], 'BATCHING_NOT_SUPPORTED'],
  ['no document', { variables: {} }, 'BAD_REQUEST'],
  ['an empty document', { query: '' }, 'BAD_REQUEST'],
  ['a parsed document', { query: { kind: 'Document' } }, 'BAD_REQUEST'],
  ['a number as operationName', { query: '{ a }', operationName: 1 }, 'BAD_REQUEST'],
  ['variables as text', { query: '{ a }', variables: '{}' }, 'BAD_REQUEST'],
  ['a list of variables', { query: '{ a }', variables: [] }, 'BAD_REQUEST'],
  ['extensions as text', { query: '{ a }', extensions: '{}' }, 'BAD_REQUEST'],
  [
    'a hash instead of a document',
    { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } },
    'PERSISTED_QUERY_NOT_SUPPORTED',
  ],
])('%s is refused', (_name, body, code) => {
  const refusal = readGraphqlRequest(body)
  if (!(refusal instanceof ServiceError)) throw new Error('was accepted')
  expect([refusal.code, refusal.httpStatus]).toEqual([code, 400])
})

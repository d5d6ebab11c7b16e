import { ServiceError } from '@bulkhead/service/errors'
import { expect, test } from 'vitest'
import { readGraphqlRequest } from './request-body.ts'

test('what is absent or null has its default', () => {
  const expected = { query: '{ a }', hash: undefined, operationName: undefined, variables: {} }
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

function persisted(persistedQuery: unknown) {
  return { extensions: { persistedQuery } }
}

test('a hash is read with a document, and instead of one', () => {
  const hash = persisted({ version: 1, sha256Hash: 'abc' })
  expect(readGraphqlRequest({ query: '{ a }', ...hash })).toMatchObject({ query: '{ a }', hash: 'abc' })
  expect(readGraphqlRequest(hash)).toMatchObject({ query: undefined, hash: 'abc' })
  expect(readGraphqlRequest({ query: '{ a }', ...persisted(null) })).toMatchObject({ hash: undefined })
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
  ['a hash of another version', persisted({ version: 2, sha256Hash: 'abc' }), 'BAD_REQUEST'],
  ['a hash that is no text', persisted({ version: 1, sha256Hash: { $ne: '' } }), 'BAD_REQUEST'],
  ['a hash that is very long', persisted({ version: 1, sha256Hash: 'a'.repeat(257) }), 'BAD_REQUEST'],
  ['a hash as text', persisted('abc'), 'BAD_REQUEST'],
  [
    'a hash with a document that is no text',
    { query: 1, ...persisted({ version: 1, sha256Hash: 'a' }) },
    'BAD_REQUEST',
  ],
])('%s is refused', (_name, body, code) => {
  const refusal = readGraphqlRequest(body)
  if (!(refusal instanceof ServiceError)) throw new Error('was accepted')
  expect([refusal.code, refusal.httpStatus]).toEqual([code, 400])
})

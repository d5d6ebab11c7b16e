import { createHash } from 'node:crypto'
import { ServiceError } from '@bulkhead/service/errors'
import { expect, test } from 'vitest'
import { startTestApp } from '../testing/test-app.ts'
import { createPersistedOperations } from './persisted-operations.ts'

const ITEM = '{ item(id: "1") { id } }'
const ANSWER = { data: { item: { id: '1' } } }

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function persisted(sha256Hash: string) {
  return { extensions: { persistedQuery: { version: 1, sha256Hash } } }
}

function codeOf(json: { errors: { extensions: { code: string } }[] }): string | undefined {
  return json.errors[0]?.extensions.code
}

test('a client registers a document by its hash, and asks by the hash from then on', async () => {
  const { post } = await startTestApp()
  const unknown = await post(persisted(sha256(ITEM)))
  expect(unknown.status).toBe(200)
  expect(unknown.json.errors).toEqual([
    {
      message: 'PersistedQueryNotFound',
      extensions: {
        code: 'PERSISTED_QUERY_NOT_FOUND',
        retryable: true,
        requestId: unknown.headers['x-request-id'],
      },
    },
  ])
  expect((await post({ query: ITEM, ...persisted(sha256(ITEM)) })).json).toEqual(ANSWER)
  expect((await post(persisted(sha256(ITEM)))).json).toEqual(ANSWER)
})

test('nobody can register a document under the hash of another', async () => {
  const { post, sent } = await startTestApp()
  const other = '{ __typename }'
  const poison = { query: other, ...persisted(sha256(ITEM)) }
  const refused = await post(poison)
  expect([refused.status, codeOf(refused.json)]).toEqual([400, 'PERSISTED_QUERY_HASH_MISMATCH'])
  expect(codeOf((await post(persisted(sha256(ITEM)))).json)).toBe('PERSISTED_QUERY_NOT_FOUND')
  await post({ query: ITEM, ...persisted(sha256(ITEM)) })
  expect((await post(poison)).status).toBe(400)
  expect((await post(persisted(sha256(ITEM)))).json).toEqual(ANSWER)
  expect(sent).toHaveLength(2)
})

test('a document that is no valid operation is not registered', async () => {
  const { post } = await startTestApp()
  const query = '{ nothing }'
  expect((await post({ query, ...persisted(sha256(query)) })).status).toBe(400)
  expect(codeOf((await post(persisted(sha256(query)))).json)).toBe('PERSISTED_QUERY_NOT_FOUND')
})

test('where it is off, a hash alone is refused in a way that Apollo Client understands', async () => {
  const { post } = await startTestApp({ PERSISTED_OPERATIONS_MODE: 'off' })
  const answer = await post(persisted(sha256(ITEM)))
  expect([answer.status, codeOf(answer.json)]).toEqual([400, 'PERSISTED_QUERY_NOT_SUPPORTED'])
  expect((await post({ query: ITEM, ...persisted(sha256(ITEM)) })).json).toEqual(ANSWER)
  expect(codeOf((await post(persisted(sha256(ITEM)))).json)).toBe('PERSISTED_QUERY_NOT_SUPPORTED')
})

function errorOf(document: string | ServiceError): string {
  return document instanceof ServiceError ? document.code : document
}

test('a manifest’s operations are known by their ids beside those that clients register', () => {
  const operations = createPersistedOperations('apq', new Map([['home', ITEM]]))
  expect(operations.documentOf({ query: undefined, hash: 'home' })).toBe(ITEM)
  operations.register('home', '{ other }')
  expect(operations.documentOf({ query: undefined, hash: 'home' })).toBe(ITEM)
  expect(errorOf(operations.documentOf({ query: '{ other }', hash: 'home' }))).toBe(
    'PERSISTED_QUERY_HASH_MISMATCH',
  )
})

test('what is registered is bounded by its number and its size; the least recently used go', () => {
  const operations = createPersistedOperations('apq', new Map())
  const large = (n: number) => `${n} `.padEnd(100_000, 'x')
  for (let n = 0; n < 81; n += 1) operations.register(sha256(large(n)), large(n))
  const found = (n: number) => errorOf(operations.documentOf({ query: undefined, hash: sha256(large(n)) }))
  expect(found(0)).toBe('PERSISTED_QUERY_NOT_FOUND')
  expect(found(80)).toBe(large(80))
})

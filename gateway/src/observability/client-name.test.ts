import { expect, test } from 'vitest'
import { clientNameOf } from './client-name.ts'

test.each([
  ['Apollo’s headers', { 'apollographql-client-name': 'web', 'apollographql-client-version': '1.2' }],
  ['Hive’s headers', { 'graphql-client-name': 'web', 'graphql-client-version': '1.2' }],
])('a client names itself by %s', (_name, headers) => {
  expect(clientNameOf(headers)).toEqual({ name: 'web', version: '1.2' })
})

test('a client without a name has none, and a long one is cut', () => {
  expect(clientNameOf({})).toEqual({ name: null, version: null })
  expect(clientNameOf({ 'apollographql-client-name': 'n'.repeat(5_000) })).toEqual({
    name: 'n'.repeat(100),
    version: null,
  })
})

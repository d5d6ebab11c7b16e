import { createHash } from 'node:crypto'
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stack, startStack } from './harness/stack.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(async () => {
  await stack?.stop()
})

test('Apollo Client sends a document once, and its hash from then on', async () => {
  const bodies: { query?: string; extensions?: object }[] = []
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  })
  const http = new HttpLink({
    uri: stack.url('gateway', '/graphql'),
    fetch(url, init) {
      bodies.push(JSON.parse(String(init?.body)))
      return fetch(url, init)
    },
  })
  const client = new ApolloClient({ link: persisted.concat(http), cache: new InMemoryCache() })
  const query = gql`
    query Slate($userId: ID!) {
      recommendations(userId: $userId, size: 3) {
        id
        items {
          totalCount
        }
      }
    }
  `
  for (const userId of ['u1', 'u2']) {
    const { data } = await client.query({ query, variables: { userId }, fetchPolicy: 'no-cache' })
    expect(data).toMatchObject({ recommendations: { items: { totalCount: 3 } } })
  }
  expect(bodies.map((body) => body.query !== undefined)).toEqual([false, true, false])
  expect(bodies.every(({ extensions }) => extensions !== undefined)).toBe(true)
})

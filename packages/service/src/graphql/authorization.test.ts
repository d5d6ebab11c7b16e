import { buildSchema, graphql } from 'graphql'
import { expect, test } from 'vitest'
import type { Identity } from '../identity/identity.ts'
import { enforceAuthorization, requireUser } from './authorization.ts'

const SDL = `
  directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  type Query {
    open: String
    known: String @authenticated
    both: String @requiresScopes(scopes: [["a", "b"], ["c"]])
    secret: Secret
    secrets: [Secret!]
    node: Node
    link: Link
    code: Code
  }
  interface Node { id: ID }
  type Secret implements Node @requiresScopes(scopes: [["s"]]) { id: ID, name: String }
  type Link { secret: Secret }
  scalar Code @authenticated
`
const secret = { __typename: 'Secret', id: '1', name: 'hidden' }
const rootValue = {
  open: 'o',
  known: 'k',
  both: 'b',
  secret,
  secrets: [secret],
  node: secret,
  link: { secret },
  code: 'code',
}

async function ask(query: string, identity: Identity | null) {
  const schema = enforceAuthorization(buildSchema(SDL))
  const { data, errors = [] } = await graphql({
    schema,
    source: query,
    rootValue,
    contextValue: { identity },
  })
  return { data: { ...data }, codes: errors.map(({ originalError }) => originalError).map(codeOf) }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error
}

function as(...scopes: string[]): Identity {
  return { subject: 'ann', scopes: new Set(scopes) }
}

test('what has no directive is for all', async () => {
  expect(await ask('{ open }', null)).toEqual({ data: { open: 'o' }, codes: [] })
})

test('@authenticated asks for any identity', async () => {
  expect(await ask('{ known code }', null)).toEqual({
    data: { known: null, code: null },
    codes: ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
  })
  expect(await ask('{ known code }', as())).toEqual({ data: { known: 'k', code: 'code' }, codes: [] })
})

test('@requiresScopes asks for all scopes of one alternative', async () => {
  expect(await ask('{ both }', null)).toEqual({ data: { both: null }, codes: ['UNAUTHENTICATED'] })
  for (const identity of [as(), as('a'), as('b')]) {
    expect(await ask('{ both }', identity)).toEqual({ data: { both: null }, codes: ['FORBIDDEN'] })
  }
  for (const identity of [as('a', 'b'), as('c')]) {
    expect(await ask('{ both }', identity)).toEqual({ data: { both: 'b' }, codes: [] })
  }
})

test.each([
  '{ secret { name } }',
  '{ secrets { name } }',
  '{ link { secret { id } } }',
  '{ node { id } }',
  '{ node { ... on Secret { name } } }',
])('no way leads into a protected type: %s', async (query) => {
  const { data, codes } = await ask(query, as('other'))
  expect(JSON.stringify(data)).not.toMatch(/hidden|"1"/)
  expect(codes).toEqual(['FORBIDDEN'])
  expect((await ask(query, as('s'))).codes).toEqual([])
})

test('the message names the field and the scopes', async () => {
  const schema = enforceAuthorization(buildSchema(SDL))
  const { errors } = await graphql({
    schema,
    source: '{ both }',
    rootValue,
    contextValue: { identity: as() },
  })
  expect(errors?.[0]?.message).toBe('Query.both needs the scopes a and b, or c.')
})

test("a user's data is for this user and for who acts for users", () => {
  expect(() => requireUser(as(), 'ann')).not.toThrow()
  expect(() => requireUser(as('users:any'), 'bob')).not.toThrow()
  expect(() => requireUser(as(), 'bob')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
  expect(() => requireUser(null, 'bob')).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }))
})

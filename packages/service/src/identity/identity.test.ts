import { expect, test } from 'vitest'
import { describeScopes, hasScopes, mayActFor } from './identity.ts'

const ann = { subject: 'ann', scopes: new Set(['models:read']) }
const backend = { subject: 'shop', scopes: new Set(['users:any']) }

test('users act for themselves, and a backend for all of them', () => {
  expect(mayActFor(ann, 'ann')).toBe(true)
  expect(mayActFor(ann, 'bob')).toBe(false)
  expect(mayActFor(backend, 'bob')).toBe(true)
  expect(mayActFor(null, 'ann')).toBe(false)
})

test('all scopes of one alternative are enough', () => {
  expect(hasScopes(ann, [['models:read']])).toBe(true)
  expect(hasScopes(ann, [['models:read', 'models:write']])).toBe(false)
  expect(hasScopes(ann, [['models:read', 'models:write'], ['models:read']])).toBe(true)
  expect(hasScopes(ann, [])).toBe(false)
  expect(hasScopes(null, [[]])).toBe(false)
})

test('a message names every alternative', () => {
  expect(describeScopes([['models:read', 'models:write'], ['users:any']])).toBe(
    'models:read and models:write, or users:any',
  )
})

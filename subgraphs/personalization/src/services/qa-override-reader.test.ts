import { generateKeyPairSync } from 'node:crypto'
import { type QaOverride, signQaOverride } from '@bulkhead/contracts'
import { toServiceError } from '@bulkhead/service/errors'
import { expect, test } from 'vitest'
import { createQaOverrideReader } from './qa-override-reader.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const reader = createQaOverrideReader({
  publicKeys: new Map([['k1', publicKey]]),
  clock: { now: () => NOON },
})

function signed(overrides: Partial<QaOverride> = {}, keyId = 'k1', key = privateKey): string {
  const override = {
    experimentKey: 'mix',
    variantKey: 'treatment',
    unit: 'u1',
    expiresAt: new Date(NOON + 1).toISOString(),
    ...overrides,
  }
  return signQaOverride(override, { keyId, privateKey: key })
}

function refusalOf(tokens: readonly string[]) {
  try {
    return reader.read(tokens, 'u1')
  } catch (error) {
    const { code, message } = toServiceError(error) ?? {}
    return { code, message }
  }
}

test("a user's own overrides are read", () => {
  expect(reader.read([], 'u1')).toEqual([])
  expect(reader.read([signed(), signed({ experimentKey: 'other' })], 'u1')).toEqual([
    { experimentKey: 'mix', variantKey: 'treatment', unit: 'u1' },
    { experimentKey: 'other', variantKey: 'treatment', unit: 'u1' },
  ])
})

test.each([
  ['of another user', signed({ unit: 'u2' }), '`qaOverrides.1` is for another user.'],
  ['that has expired', signed({ expiresAt: new Date(NOON).toISOString() }), '`qaOverrides.1` has expired'],
  ['of an unknown key', signed({}, 'k2'), '`qaOverrides.1` is signed with a key that is not trusted here.'],
  [
    'of another key under the id of a trusted one',
    signed({}, 'k1', generateKeyPairSync('ed25519').privateKey),
    '`qaOverrides.1` has a signature that does not match.',
  ],
  ['that is no token', 'mix:treatment', '`qaOverrides.1` is not a token of `qaOverride`.'],
])('an override %s is refused, and the answer says why', (_, token, message) => {
  expect(refusalOf([signed(), token])).toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(message),
  })
})

test('at most 20 are read', () => {
  expect(reader.read(Array(20).fill(signed()), 'u1')).toHaveLength(20)
  expect(refusalOf(Array(21).fill(signed()))).toMatchObject({ code: 'BAD_USER_INPUT' })
})

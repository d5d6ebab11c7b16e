import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import assignVectors from '../../vectors/assign.json' with { type: 'json' }
import vectors from '../../vectors/qa-override.json' with { type: 'json' }
import { assign } from '../assignment/assign.ts'
import { snapshotExperimentSchema } from '../assignment/assignment-snapshot.ts'
import { MAX_QA_OVERRIDE_LENGTH, readQaOverride, signQaOverride } from './qa-override.ts'
import { SIGNATURE_DOMAINS, type SignatureDomain, signInDomain, verifyInDomain } from './signature-domain.ts'
import { parsePrivateKey, parsePublicKeys } from './signing-keys.ts'
import { readSnapshot, signSnapshot } from './snapshot-signature.ts'

const KEY = { keyId: vectors.key.keyId, privateKey: parsePrivateKey(vectors.key.privateKey) }
const KEYRING = parsePublicKeys(`${vectors.key.keyId}:${vectors.key.publicKey}`)
const OVERRIDE = {
  experimentKey: 'exp',
  variantKey: 'treatment',
  unit: 'tester',
  expiresAt: '2027-01-01T00:00:00.000Z',
}
const EXPIRY = Date.parse(OVERRIDE.expiresAt)

function read(signed: string, now = EXPIRY - 1) {
  const reading = readQaOverride(signed, KEYRING, now)
  return reading.type === 'override' ? reading.override : reading.code
}

describe('the vectors', () => {
  test.each(vectors.accepted)('$name', ({ override, signed, now }) => {
    expect(signQaOverride(override, KEY)).toBe(signed)
    expect(readQaOverride(signed, KEYRING, Date.parse(now))).toEqual({ type: 'override', override })
  })

  test.each(vectors.refused)('$name', ({ signed, now, code }) => {
    expect(readQaOverride(signed, KEYRING, Date.parse(now))).toEqual({ type: 'refused', code })
  })
})

test('holds until it expires', () => {
  const signed = signQaOverride(OVERRIDE, KEY)
  expect(read(signed, EXPIRY - 1)).toEqual(OVERRIDE)
  expect(read(signed, EXPIRY)).toBe('EXPIRED')
})

test('no member can be changed, and no other key signs', () => {
  const signed = signQaOverride(OVERRIDE, KEY)
  const signature = signed.split('.')[2]
  for (const change of [
    { unit: 'other' },
    { variantKey: 'control' },
    { expiresAt: '2028-01-01T00:00:00.000Z' },
  ]) {
    const [, body] = signQaOverride({ ...OVERRIDE, ...change }, KEY).split('.')
    expect(read(`1.${body}.${signature}`)).toBe('BAD_SIGNATURE')
  }
  const other = generateKeyPairSync('ed25519').privateKey
  expect(read(signQaOverride(OVERRIDE, { ...KEY, privateKey: other }))).toBe('BAD_SIGNATURE')
  expect(read(signQaOverride(OVERRIDE, { keyId: 'unknown', privateKey: other }))).toBe('UNKNOWN_KEY')
})

test.each(['', '1', '1.', '2.e30.AAAA', '1.e30.AAAA', '1.!!.!!', '1.bnVsbA.AAAA', '1..', 'a.b.c.d'])(
  'refuses %j as malformed',
  (signed) => {
    expect(read(signed)).toBe('MALFORMED')
  },
)

test('refuses a long text before it reads it', () => {
  expect(read(`1.${'A'.repeat(MAX_QA_OVERRIDE_LENGTH)}.A`)).toBe('MALFORMED')
})

test('forces its unit, which the kill switch ends, and nobody else', () => {
  const reading = readQaOverride(signQaOverride(OVERRIDE, KEY), KEYRING, EXPIRY - 1)
  if (reading.type === 'refused') throw new Error(reading.code)
  const reasonFor = (unit: string, members: object) => {
    const experiments = [snapshotExperimentSchema.parse({ ...assignVectors.base, coverage: 0, ...members })]
    const [assignment] = assign({ experiments }, { userId: unit }, {}, undefined, {
      overrides: [reading.override],
    })
    return [assignment?.reason, assignment?.variant?.key]
  }
  expect(reasonFor('tester', {})).toEqual(['FORCED', 'treatment'])
  expect(reasonFor('other', {})).toEqual(['COVERAGE', undefined])
  expect(reasonFor('tester', { key: 'another' })).toEqual(['COVERAGE', undefined])
  expect(reasonFor('tester', { status: 'PAUSED' })).toEqual(['NOT_RUNNING', undefined])
})

describe('domains', () => {
  const domains = Object.keys(SIGNATURE_DOMAINS) as SignatureDomain[]
  const snapshot = signSnapshot(
    {
      version: 1,
      publishedAt: '2026-01-01T00:00:00.000Z',
      layers: [],
      holdouts: [],
      experiments: [],
      decisions: [],
    },
    KEY,
  )
  const publicKey = KEYRING.get(KEY.keyId)
  if (publicKey === undefined) throw new Error('the key is missing')

  test.each(domains)('a signature of %s verifies in its own domain only', (domain) => {
    const signature = signInDomain(domain, '{}', KEY.privateKey)
    for (const other of domains) {
      expect(verifyInDomain(other, '{}', signature, publicKey)).toBe(other === domain)
    }
  })

  test.each(domains)('a signature of %s signs no snapshot, and the reverse', (domain) => {
    const { signature, ...signed } = snapshot
    const text = JSON.stringify(
      Object.fromEntries(Object.entries(signed).sort(([a], [b]) => (a < b ? -1 : 1))),
    )
    expect(readSnapshot(snapshot, KEYRING)).toMatchObject({ type: 'snapshot' })
    expect(verifyInDomain(domain, text, signature, publicKey)).toBe(false)
    const forged = { ...signed, signature: signInDomain(domain, text, KEY.privateKey) }
    expect(readSnapshot(forged, KEYRING)).toMatchObject({ code: 'BAD_SIGNATURE' })
  })

  test('no domain begins another, and none begins as a snapshot does', () => {
    for (const domain of domains) {
      expect(SIGNATURE_DOMAINS[domain]).toMatch(/^bulkhead\.[a-z.0-9-]+\n$/)
    }
    expect(new Set(Object.values(SIGNATURE_DOMAINS)).size).toBe(domains.length)
  })
})

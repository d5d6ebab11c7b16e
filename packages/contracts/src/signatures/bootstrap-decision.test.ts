import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/bootstrap-decision.json' with { type: 'json' }
import { canonicalJson } from '../canonical-json.ts'
import { type BootstrapDecision, readBootstrap, signBootstrap } from './bootstrap-decision.ts'
import { readDecision } from './decision-record.ts'
import { SIGNATURE_DOMAINS, type SignatureDomain, signInDomain } from './signature-domain.ts'
import { parsePrivateKey, parsePublicKeys } from './signing-keys.ts'

const key = { keyId: vectors.key.keyId, privateKey: parsePrivateKey(vectors.key.privateKey) }
const keyring = parsePublicKeys(`${vectors.key.keyId}:${vectors.key.publicKey}`)

const DECISION: Omit<BootstrapDecision, 'keyId' | 'signature'> = {
  kind: 'bootstrap',
  modelVersionId: 'ease-v1',
  artefactHash: 'ab'.repeat(32),
  evaluationHash: null,
  rationale: 'It beats what is popular.',
  decidedBy: 'ana',
  decidedAt: '2026-01-05T12:00:00.000Z',
  reviewedBy: ['ben'],
}
const signed = signBootstrap(DECISION, key)

describe('the vectors', () => {
  test.each(vectors.accepted)('$name', ({ decision }) => {
    const { keyId: _, signature: __, ...unsigned } = decision
    expect(signBootstrap(unsigned as typeof DECISION, key)).toEqual(decision)
    expect(readBootstrap(decision, keyring)).toEqual(decision)
  })

  test.each(vectors.refused)('$name', ({ decision }) => {
    expect(readBootstrap(decision, keyring)).toBeNull()
  })
})

test('a decision is verified with the key that signed it, also after JSON', () => {
  expect(readBootstrap(JSON.parse(JSON.stringify(signed)), keyring)).toEqual(signed)
})

test('whoever decides and reviews it, it is read exactly where nobody reviews their own', () => {
  const person = fc.constantFrom('ana', 'ben', 'eve')
  fc.assert(
    fc.property(person, fc.array(person, { maxLength: 3 }), (decidedBy, reviewedBy) => {
      const unsigned = { ...DECISION, decidedBy, reviewedBy, keyId: key.keyId }
      const signature = signInDomain('bootstrap', canonicalJson(unsigned), key.privateKey)
      const isAllowed = reviewedBy.length > 0 && !reviewedBy.includes(decidedBy)
      expect(readBootstrap({ ...unsigned, signature }, keyring) !== null).toBe(isAllowed)
      const attempt = () => signBootstrap({ ...DECISION, decidedBy, reviewedBy }, key)
      if (isAllowed) expect(attempt().signature).toBe(signature)
      else expect(attempt).toThrow(/reviewedBy/)
    }),
  )
})

test.each(Object.keys(DECISION))('a decision with another %s is refused', (field) => {
  const other: Record<string, unknown> = {
    artefactHash: 'cd'.repeat(32),
    evaluationHash: 'cd'.repeat(32),
    decidedAt: '2026-01-05T12:00:00.001Z',
    reviewedBy: ['eve'],
  }
  expect(readBootstrap({ ...signed, [field]: other[field] ?? 'eve' }, keyring)).toBeNull()
  const { [field]: _, ...without } = signed as Record<string, unknown>
  expect(readBootstrap(without, keyring)).toBeNull()
})

test('an unknown key, another key under the same id, and no decision at all are refused', () => {
  expect(readBootstrap({ ...signed, keyId: 'k2' }, keyring)).toBeNull()
  const stranger = new Map([[key.keyId, generateKeyPairSync('ed25519').publicKey]])
  expect(readBootstrap(signed, stranger)).toBeNull()
  for (const raw of [null, 'text', {}, { ...signed, signature: `${signed.signature}=` }]) {
    expect(readBootstrap(raw, keyring)).toBeNull()
  }
})

test('what the same key signs in another domain, or in none, is no bootstrap decision, nor the reverse', () => {
  const unsigned = { ...DECISION, keyId: key.keyId }
  const text = canonicalJson(unsigned)
  for (const domain of Object.keys(SIGNATURE_DOMAINS) as SignatureDomain[]) {
    const signature = signInDomain(domain, text, key.privateKey)
    expect(readBootstrap({ ...unsigned, signature }, keyring) !== null).toBe(domain === 'bootstrap')
  }
  const bare = sign(null, Buffer.from(text), key.privateKey).toString('base64url')
  expect(readBootstrap({ ...unsigned, signature: bare }, keyring)).toBeNull()
  expect(readDecision(signed, keyring)).toBeNull()
})

test('fields of a later release are covered by the signature', () => {
  const later = signBootstrap({ ...DECISION, region: 'eu' } as typeof DECISION, key)
  expect(readBootstrap(later, keyring)).not.toBeNull()
  expect(readBootstrap({ ...later, region: 'us' }, keyring)).toBeNull()
})

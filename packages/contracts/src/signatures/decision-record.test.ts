import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '../canonical-json.ts'
import {
  type DecisionRecord,
  type Recipe,
  readDecision,
  recipeSchema,
  signDecision,
} from './decision-record.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const keyring = new Map([['k1', publicKey]])

const RECORD: Omit<DecisionRecord, 'keyId' | 'signature'> = {
  experimentKey: 'mix',
  experimentVersion: 2,
  outcome: 'SHIP',
  variantKey: 'treatment',
  modelVersionId: 'item-to-item-v2',
  artefactHash: null,
  planHash: 'ab'.repeat(32),
  analysisHash: null,
  rationale: 'It is played longer.',
  decidedBy: 'ana',
  decidedAt: '2026-01-05T12:00:00.000Z',
  reviewedBy: ['ben'],
}
const signed = signDecision(RECORD, { keyId: 'k1', privateKey })

test('a record is verified with the key that signed it, also after JSON', () => {
  expect(readDecision(JSON.parse(JSON.stringify(signed)), keyring)).toEqual({ ...RECORD, ...signed })
})

test.each(Object.keys(RECORD))('a record with another %s is refused', (field) => {
  const other: Record<string, unknown> = {
    experimentVersion: 3,
    outcome: 'ROLLBACK',
    artefactHash: 'cd'.repeat(32),
    planHash: 'cd'.repeat(32),
    analysisHash: 'cd'.repeat(32),
    decidedAt: '2026-01-05T12:00:00.001Z',
    reviewedBy: ['eve'],
  }
  expect(readDecision({ ...signed, [field]: other[field] ?? 'eve' }, keyring)).toBeNull()
})

const RECIPE: Recipe = {
  algorithm: 'ease',
  parameters: { lambda: 458, neighbours: 200 },
  dataSource: 'stored interactions',
  codeVersion: 'ease/1',
}

test('a record may bind a recipe, which its signature covers', () => {
  const bound = signDecision({ ...RECORD, recipe: RECIPE }, { keyId: 'k1', privateKey })
  expect(readDecision(JSON.parse(JSON.stringify(bound)), keyring)?.recipe).toEqual(RECIPE)
  const { recipe: _, ...unbound } = bound
  expect(readDecision(unbound, keyring)).toBeNull()
  expect(readDecision({ ...signed, recipe: RECIPE }, keyring)).toBeNull()
  const parameters = { ...RECIPE.parameters, lambda: 459 }
  expect(readDecision({ ...bound, recipe: { ...RECIPE, parameters } }, keyring)).toBeNull()
})

test.each<[string, Record<string, unknown>]>([
  ['no algorithm', { algorithm: '' }],
  ['a parameter that is no number', { parameters: { lambda: '458' } }],
  ['a parameter whose name is none', { parameters: { 'a.b': 1 } }],
  [
    'more parameters than can be',
    {
      parameters: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`p${n}`, n])),
    },
  ],
])('a recipe with %s is refused', (_, changes) => {
  expect(recipeSchema.safeParse({ ...RECIPE, ...changes }).success).toBe(false)
})

test('an unknown key, another key under the same id, and no record at all are refused', () => {
  expect(readDecision({ ...signed, keyId: 'k2' }, keyring)).toBeNull()
  expect(readDecision(signed, new Map([['k1', generateKeyPairSync('ed25519').publicKey]]))).toBeNull()
  for (const raw of [null, 'text', {}, { ...signed, signature: `${signed.signature}=` }]) {
    expect(readDecision(raw, keyring)).toBeNull()
  }
})

test('what the same key signs as bare canonical JSON is no decision', () => {
  const unsigned = { ...RECORD, keyId: 'k1' }
  const bare = sign(null, Buffer.from(canonicalJson(unsigned)), privateKey).toString('base64url')
  expect(readDecision({ ...unsigned, signature: bare }, keyring)).toBeNull()
})

test('fields of a later release are covered by the signature', () => {
  const later = signDecision({ ...RECORD, region: 'eu' } as typeof RECORD, { keyId: 'k1', privateKey })
  expect(readDecision(later, keyring)).not.toBeNull()
  expect(readDecision({ ...later, region: 'us' }, keyring)).toBeNull()
})

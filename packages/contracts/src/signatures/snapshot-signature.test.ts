import { createHash, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/snapshot-signature.json' with { type: 'json' }
import type { UnsignedSnapshot } from '../assignment/assignment-snapshot.ts'
import { canonicalJson } from '../canonical-json.ts'
import { snapshotArbitrary } from '../testing/snapshot-arbitrary.ts'
import { parsePrivateKey, parsePublicKeys } from './signing-keys.ts'
import { readSnapshot, signSnapshot } from './snapshot-signature.ts'

const { keyId } = vectors.key
const privateKey = parsePrivateKey(vectors.key.privateKey)
const keyring = parsePublicKeys(`${keyId}:${vectors.key.publicKey}`)

function overTheWire(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value))
}

describe('the vectors', () => {
  test.each(vectors.accepted)('accepts $name', ({ snapshot, canonicalSha256 }) => {
    expect(readSnapshot(snapshot, keyring)).toMatchObject({
      type: 'snapshot',
      snapshot: { version: snapshot.version },
    })
    const { signature, ...signed } = snapshot
    if (canonicalSha256 !== undefined) {
      expect(createHash('sha256').update(canonicalJson(signed)).digest('hex')).toBe(canonicalSha256)
    }
    // Ed25519 is deterministic, so that the vectors pin the signing side too.
    const { keyId: _, ...unsigned } = signed
    expect(signSnapshot(unsigned as UnsignedSnapshot, { keyId, privateKey }).signature).toBe(signature)
  })

  test.each(vectors.refused)('refuses $name as $code', ({ snapshot, code }) => {
    expect(readSnapshot(snapshot, keyring)).toMatchObject({ type: 'refused', code })
  })
})

test('reads what it signed, after a trip over the wire', () => {
  fc.assert(
    fc.property(snapshotArbitrary, (unsigned) => {
      const signed = signSnapshot(unsigned, { keyId, privateKey })
      const reading = readSnapshot(overTheWire(signed), keyring)
      expect(reading).toEqual({ type: 'snapshot', snapshot: overTheWire(signed) })
    }),
    { numRuns: 50 },
  )
})

test('refuses a snapshot in which any one value was changed, added or removed', () => {
  fc.assert(
    fc.property(
      snapshotArbitrary,
      fc.nat(),
      fc.constantFrom('change', 'add', 'remove'),
      (unsigned, pick, how) => {
        const raw = overTheWire(signSnapshot(unsigned, { keyId, privateKey }))
        const places = placesIn(raw)
        const place = places[pick % places.length]
        if (place === undefined) throw new Error('a snapshot without a single value')
        const { holder, name } = place
        if (how === 'add' && Array.isArray(holder)) holder.push(1)
        else if (how === 'add') holder.added = 1
        else if (how === 'remove' && !Array.isArray(holder)) delete holder[name]
        else holder[name] = [holder[name]]
        expect(readSnapshot(raw, keyring).type).toBe('refused')
      },
    ),
  )
})

test('refuses a signature in which any one character was changed', () => {
  const raw = overTheWire(vectors.accepted[0]?.snapshot)
  const signature = String(raw.signature)
  for (let index = 0; index < signature.length; index++) {
    const other = signature[index] === 'A' ? 'B' : 'A'
    const forged = signature.slice(0, index) + other + signature.slice(index + 1)
    expect(readSnapshot({ ...raw, signature: forged }, keyring)).toMatchObject({ code: 'BAD_SIGNATURE' })
  }
})

test("refuses another key's signature under a trusted key's name", () => {
  const stranger = generateKeyPairSync('ed25519')
  const { signature: _, keyId: __, ...unsigned } = overTheWire(vectors.accepted[0]?.snapshot)
  const forged = signSnapshot(unsigned as UnsignedSnapshot, { keyId, privateKey: stranger.privateKey })
  expect(readSnapshot(forged, keyring)).toMatchObject({ type: 'refused', code: 'BAD_SIGNATURE' })
})

test('never throws, whatever it is given', () => {
  const signatureLike = fc.record({ keyId: fc.constant(keyId), signature: fc.string(), rest: fc.anything() })
  fc.assert(
    fc.property(fc.oneof(fc.anything(), signatureLike), (raw) => {
      expect(readSnapshot(raw, keyring).type).toBe('refused')
    }),
  )
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(readSnapshot({ keyId, signature: 'x', deep }, keyring)).toMatchObject({ code: 'MALFORMED' })
})

type Holder = Record<string | number, unknown>

/** Every object or array in `value`, with the name of each of its members. */
function placesIn(value: unknown): { holder: Holder; name: string }[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Holder
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])])
}

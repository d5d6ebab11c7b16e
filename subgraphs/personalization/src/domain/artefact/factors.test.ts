import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withReasons } from '../../testing/with-reasons.ts'
import { gramOf } from '../ials/fold-in.ts'
import { createFactorsModel } from '../ials/model.ts'
import type { ItemFactors } from '../ials/train.ts'
import { decodeModel } from '../recommendation-model.ts'
import { ArtefactError } from './artefact-error.ts'
import { encodeFactors, MAX_DIMENSIONS, readFactors } from './factors.ts'
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'

const FACTORS: ItemFactors = {
  itemIds: ['a', 'é', '日本'],
  dimensions: 2,
  values: Float32Array.of(1, 0, 0.5, 0.5, -1, 2),
}
const FOLD_IN = { unobservedWeight: 0.5, regularization: 0.25, frequencyExponent: 1 }
const DESCRIPTION = { algorithm: 'ials', parameters: { d: 2 }, trainingFingerprint: 'f00d' }

function encode(factors: ItemFactors): Uint8Array {
  return encodeFactors(DESCRIPTION, factors, FOLD_IN)
}

/** The artefact of FACTORS with other metadata or tensors; null takes one away. */
function changed(
  metadata: Readonly<Record<string, string | null>>,
  tensors: Readonly<Record<string, Tensor | null>> = {},
): Uint8Array {
  const file = readSafetensors(encode(FACTORS))
  function withChanges<Value>(entries: ReadonlyMap<string, Value>, changes: Record<string, Value | null>) {
    const result = new Map(entries)
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) result.delete(name)
      else result.set(name, value)
    }
    return result
  }
  return writeSafetensors({
    metadata: withChanges(file.metadata, metadata),
    tensors: withChanges(file.tensors, tensors),
  })
}

function f32(shape: readonly number[], ...values: number[]): Tensor {
  return { dtype: 'F32', shape, data: Float32Array.from(values) }
}

const factorsArbitrary = fc
  .record({
    itemIds: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 9, unit: 'binary' }), { maxLength: 9 }),
    dimensions: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ itemIds, dimensions }) => {
    const size = itemIds.length * dimensions
    return fc
      .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: size, maxLength: size })
      .map((values): ItemFactors => ({ itemIds, dimensions, values: Float32Array.from(values) }))
  })

describe('factors artefact', () => {
  test('has these tensors and this metadata', () => {
    const { metadata, tensors } = readSafetensors(encode(FACTORS))
    expect(Object.fromEntries(metadata)).toEqual({
      kind: 'factors',
      format_version: '1',
      algorithm: 'ials',
      parameters: '{"d":2}',
      training_fingerprint: 'f00d',
      fold_in: '{"frequency_exponent":1,"regularization":0.25,"unobserved_weight":0.5}',
    })
    expect([...tensors.keys()].toSorted()).toEqual([
      'item.factors',
      'item.gram',
      'item.ids',
      'item.ids.offsets',
    ])
    expect(tensors.get('item.factors')).toEqual(f32([3, 2], 1, 0, 0.5, 0.5, -1, 2))
    expect(tensors.get('item.gram')).toEqual(f32([2, 2], 2.25, -1.75, -1.75, 4.25))
  })

  test('gives back what it was made of, for any factors, and the same bytes for the same', () => {
    fc.assert(
      fc.property(factorsArbitrary, (factors) => {
        const read = readFactors(readSafetensors(encode(factors)))
        expect(read.factors).toEqual(factors)
        expect(read.foldIn).toEqual(FOLD_IN)
        expect(encode(structuredClone(factors))).toEqual(encode(factors))
      }),
    )
  })

  test('a decoded model recommends what the one that was encoded does, with or without its gram matrix', () => {
    const parts = { factors: FACTORS, gram: gramOf(FACTORS), foldIn: FOLD_IN }
    const history = [{ itemId: '日本', weight: 2 }]
    const wanted = withReasons(
      createFactorsModel('ials', { ...parts, clusters: null }).recommend(history, 10),
    )
    expect(wanted.length).toBe(2)
    for (const artefact of [encode(FACTORS), changed({}, { 'item.gram': null })]) {
      const model = decodeModel(artefact)
      expect(model).toMatchObject({ algorithm: 'ials', itemCount: 3 })
      expect(withReasons(model.recommend(history, 10))).toEqual(wanted)
    }
  })

  test('what other trainers write of users is left alone', () => {
    const users = {
      'user.factors': f32([1, 2], 3, 4),
      'user.ids': { dtype: 'U8', shape: [1], data: Uint8Array.of(97) },
      'user.ids.offsets': { dtype: 'I64', shape: [2], data: BigInt64Array.of(0n, 1n) },
    } as const
    expect(decodeModel(changed({}, users)).itemCount).toBe(3)
  })

  test('whatever bytes come, a model that serves or an ArtefactError results', () => {
    const artefact = encode(FACTORS)
    fc.assert(
      fc.property(fc.nat(artefact.length - 1), fc.nat(255), (place, value) => {
        const damaged = artefact.slice()
        damaged[place] = value
        try {
          decodeModel(damaged).recommend([{ itemId: 'a', weight: 1 }], 10)
        } catch (error) {
          expect(error).toBeInstanceOf(ArtefactError)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  const foldIn = (text: string): Uint8Array => changed({ fold_in: text })
  const valid = { frequency_exponent: 1, regularization: 0.25, unobserved_weight: 0.5 }
  test.each<[string, Uint8Array, RegExp]>([
    ['missing factors', changed({}, { 'item.factors': null }), /"item.factors" is missing/],
    ['missing ids', changed({}, { 'item.ids': null }), /"item.ids" is missing/],
    ['a tensor too many', changed({}, { 'item.factor': f32([1], 1) }), /"item.factor" is not part of/],
    [
      'factors in one dimension',
      changed({}, { 'item.factors': f32([6], 1, 2, 3, 4, 5, 6) }),
      /two dimensions/,
    ],
    [
      'factors in three dimensions',
      changed({}, { 'item.factors': f32([3, 2, 1], 1, 2, 3, 4, 5, 6) }),
      /two dimensions/,
    ],
    ['a row too few', changed({}, { 'item.factors': f32([2, 2], 1, 2, 3, 4) }), /has 2 rows for 3 items/],
    ['rows without numbers', changed({}, { 'item.factors': f32([3, 0]) }), /0 columns, of 1 to 512/],
    [
      'too many columns',
      changed(
        {},
        { 'item.factors': f32([3, MAX_DIMENSIONS + 1], ...Array(3 * (MAX_DIMENSIONS + 1)).fill(0)) },
      ),
      /513 columns, of 1 to 512/,
    ],
    [
      'a number that is none',
      changed({}, { 'item.factors': f32([3, 2], 1, 2, Number.NaN, 4, 5, 6) }),
      /"item.factors" holds NaN/,
    ],
    [
      'a gram matrix of another size',
      changed({}, { 'item.gram': f32([1, 1], 1) }),
      /shape \[1,1\] for factors of 2/,
    ],
    [
      'an infinite gram matrix',
      changed({}, { 'item.gram': f32([2, 2], 1 / 0, 0, 0, 1) }),
      /"item.gram" holds Inf/,
    ],
    [
      'a gram matrix of no factors',
      changed({}, { 'item.gram': f32([2, 2], -9, 0, 0, 1) }),
      /no sum of squares/,
    ],
    ['no fold-in', changed({ fold_in: null }), /"fold_in"/],
    ['a fold-in that is no JSON', foldIn('{'), /"fold_in"/],
    [
      'a fold-in without its weight',
      foldIn('{"regularization":1,"frequency_exponent":1}'),
      /fold_in.unobserved_weight"/,
    ],
    ['no penalty', foldIn(JSON.stringify({ ...valid, regularization: 0 })), /fold_in.regularization"/],
    ['a key too many', foldIn(JSON.stringify({ ...valid, alpha: 1 })), /fold_in"/],
  ])('%s: refused by name', (_, artefact, message) => {
    expect(() => decodeModel(artefact)).toThrow(ArtefactError)
    expect(() => decodeModel(artefact)).toThrow(message)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withReasons } from '../../testing/with-reasons.ts'
import { createItemToItemModel } from '../item-to-item/model.ts'
import type { NeighbourLists } from '../item-to-item/train.ts'
import { decodeModel } from '../recommendation-model.ts'
import { ArtefactError } from './artefact-error.ts'
import { encodeItemNeighbours, readItemNeighbours } from './item-neighbours.ts'
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
import { readOffsets } from './vectors.ts'

const LISTS: NeighbourLists = {
  itemIds: ['a', 'b', 'c', 'd'],
  starts: Uint32Array.of(0, 2, 4, 5, 5),
  neighbours: Int32Array.of(1, 2, 0, 2, 0),
  similarities: Float32Array.of(0.5, 0.25, 0.5, 0.25, 0.25),
}
const DESCRIPTION = { algorithm: 'cosine', parameters: { k: 2, a: [1, null] }, trainingFingerprint: 'f00d' }

function encode(lists: NeighbourLists) {
  return encodeItemNeighbours(DESCRIPTION, lists)
}

function readLists(artefact: Uint8Array) {
  return readItemNeighbours(readSafetensors(artefact))
}

/** The artefact of LISTS with other metadata or tensors; null takes one away. */
function changed(
  metadata: Readonly<Record<string, string | null>>,
  tensors: Readonly<Record<string, Tensor | null>> = {},
): Uint8Array {
  const file = readSafetensors(encode(LISTS))
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

function u8(text: string | Uint8Array): Tensor {
  const data = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return { dtype: 'U8', shape: [data.length], data }
}

function i32(...values: number[]): Tensor {
  return {
    dtype: 'I32',
    shape: [values.length],
    data: Int32Array.from(values),
  }
}

function i64(...values: bigint[]): Tensor {
  return {
    dtype: 'I64',
    shape: [values.length],
    data: BigInt64Array.from(values),
  }
}

function f32(...values: number[]): Tensor {
  return {
    dtype: 'F32',
    shape: [values.length],
    data: Float32Array.from(values),
  }
}

function listsArbitrary(weights: fc.Arbitrary<number>): fc.Arbitrary<NeighbourLists> {
  return fc
    .uniqueArray(fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }), { minLength: 1, maxLength: 12 })
    .chain((itemIds) =>
      fc
        .array(fc.array(fc.tuple(fc.nat(itemIds.length - 1), weights), { maxLength: 5 }), {
          minLength: itemIds.length,
          maxLength: itemIds.length,
        })
        .map((lists) => {
          let end = 0
          return {
            itemIds,
            starts: Uint32Array.from([0, ...lists.map((list) => (end += list.length))]),
            neighbours: Int32Array.from(lists.flat().map(([item]) => item)),
            similarities: Float32Array.from(lists.flat().map(([, weight]) => weight)),
          }
        }),
    )
}
const anyLists = listsArbitrary(fc.float({ noNaN: true, noDefaultInfinity: true }))
const trainedLists = listsArbitrary(fc.float({ min: Math.fround(1e-6), max: 1, noNaN: true }))

describe('item-neighbours artefact', () => {
  test('has these tensors and this metadata', () => {
    const { metadata, tensors } = readSafetensors(encode({ ...LISTS, itemIds: ['a', 'é', '日本', '🎵'] }))
    expect(Object.fromEntries(metadata)).toEqual({
      kind: 'item-neighbours',
      format_version: '1',
      algorithm: 'cosine',
      parameters: '{"a":[1,null],"k":2}',
      training_fingerprint: 'f00d',
    })
    expect(Object.fromEntries(tensors)).toEqual({
      'neighbours.indptr': i64(0n, 2n, 4n, 5n, 5n),
      'neighbours.indices': i32(1, 2, 0, 2, 0),
      'neighbours.weights': f32(0.5, 0.25, 0.5, 0.25, 0.25),
      'item.ids': u8('aé日本🎵'),
      'item.ids.offsets': i64(0n, 1n, 3n, 9n, 13n),
    })
  })

  test('gives back the lists that it was made of, whatever their ids and signs', () => {
    fc.assert(
      fc.property(anyLists, (lists) => {
        expect(readLists(encode(lists))).toEqual(lists)
      }),
    )
    const withByteOrderMark = { ...LISTS, itemIds: ['\uFEFFa', 'a', '__proto__', '\u0000'] }
    expect(readLists(encode(withByteOrderMark)).itemIds).toEqual(withByteOrderMark.itemIds)
    const empty = {
      itemIds: [],
      starts: Uint32Array.of(0),
      neighbours: new Int32Array(),
      similarities: new Float32Array(),
    }
    expect(readLists(encode(empty))).toEqual(empty)
  })

  test('a decoded model recommends what the one that was encoded does, for any lists', () => {
    fc.assert(
      fc.property(trainedLists, fc.nat(), (lists, pick) => {
        const decoded = decodeModel(encode(lists))
        const model = createItemToItemModel('cosine', lists)
        const history = [{ itemId: lists.itemIds[pick % lists.itemIds.length]!, weight: 2 }]
        expect(decoded.algorithm).toBe('cosine')
        expect(decoded.itemCount).toBe(lists.itemIds.length)
        expect(withReasons(decoded.recommend(history, 10))).toEqual(withReasons(model.recommend(history, 10)))
      }),
    )
  })

  test('is the same bytes for the same model, in whatever order its parameters are named', () => {
    const renamed = { ...DESCRIPTION, parameters: { a: [1, null], k: 2 } }
    expect(encodeItemNeighbours(renamed, structuredClone(LISTS))).toEqual(encode(LISTS))
  })

  test('is read without a copy of its lists, and with one where it is not aligned in memory', () => {
    const artefact = encode(LISTS)
    expect(readLists(artefact).neighbours.buffer).toBe(artefact.buffer)
    const larger = new Uint8Array(artefact.length + 3)
    larger.set(artefact, 3)
    expect(readLists(larger.subarray(3))).toEqual(LISTS)
  })

  test('every cut-off artefact is refused', () => {
    const artefact = encode(LISTS)
    for (let length = 0; length < artefact.length; length++) {
      expect(() => decodeModel(artefact.subarray(0, length))).toThrow(ArtefactError)
    }
  })

  test('whatever bytes come, a model or an ArtefactError results', () => {
    const artefact = encode(LISTS)
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

  test.each<[string, Uint8Array, RegExp]>([
    ['an unknown kind', changed({ kind: 'trees' }), /kind "trees" is not known/],
    ['a missing kind', changed({ kind: null }), /metadata "kind" is missing/],
    ['another format version', changed({ format_version: '2' }), /"format_version" must be 1/],
    ['a missing format version', changed({ format_version: null }), /"format_version" must be 1/],
    ['an empty algorithm', changed({ algorithm: '' }), /"algorithm" is empty/],
    ['a missing fingerprint', changed({ training_fingerprint: null }), /"training_fingerprint" is missing/],
    ['parameters that are no JSON', changed({ parameters: 'k=2' }), /"parameters" must be a JSON object/],
    ['parameters in a list', changed({ parameters: '[2]' }), /"parameters" must be a JSON object/],
    [
      'parameters nested without end',
      changed({ parameters: `{"a":${'['.repeat(9_999)}${']'.repeat(9_999)}}` }),
      /"parameters" must be a JSON object/,
    ],
    ['a missing tensor', changed({}, { 'neighbours.weights': null }), /"neighbours.weights" is missing/],
    ['a tensor too many', changed({}, { 'neighbours.weight': f32(1) }), /"neighbours.weight" is not part of/],
    [
      'a tensor of another type',
      changed({}, { 'neighbours.indptr': i32(0, 2, 4, 5, 5) }),
      /"neighbours.indptr" is of I32, and must be of I64/,
    ],
    [
      'a tensor of two dimensions',
      changed({}, { 'neighbours.weights': { ...f32(1, 2, 3, 4), shape: [2, 2] } }),
      /"neighbours.weights" has shape \[2,2\], and must have one dimension/,
    ],
    ['lists without offsets', changed({}, { 'neighbours.indptr': i64() }), /indptr" does not begin with 0/],
    [
      'lists that begin late',
      changed({}, { 'neighbours.indptr': i64(1n, 2n, 4n, 5n, 5n) }),
      /indptr" does not begin with 0/,
    ],
    [
      'lists that overlap',
      changed({}, { 'neighbours.indptr': i64(0n, 3n, 2n, 5n, 5n) }),
      /indptr" falls from 3 to 2 at 2/,
    ],
    [
      'an offset below 0',
      changed({}, { 'neighbours.indptr': i64(0n, -1n, 2n, 5n, 5n) }),
      /indptr" falls from 0 to -1 at 1/,
    ],
    [
      'an offset beyond every safe integer',
      changed({}, { 'neighbours.indptr': i64(0n, 2n, 4n, 5n, 2n ** 62n) }),
      /indptr" ends at 4611686018427387904, and not at 5/,
    ],
    [
      'lists that leave neighbours out',
      changed({}, { 'neighbours.indptr': i64(0n, 2n, 4n, 4n, 4n) }),
      /indptr" ends at 4, and not at 5/,
    ],
    ['a list too few', changed({}, { 'neighbours.indptr': i64(0n, 2n, 4n, 5n) }), /has 4 values for 4 items/],
    [
      'a neighbour that is no item',
      changed({}, { 'neighbours.indices': i32(1, 2, 0, 2, 4) }),
      /neighbour 4 is none of its 4/,
    ],
    [
      'a neighbour below 0',
      changed({}, { 'neighbours.indices': i32(1, 2, 0, -1, 3) }),
      /neighbour -1 is none of its 4/,
    ],
    [
      'a weight that is no number',
      changed({}, { 'neighbours.weights': f32(1, 1, Number.NaN, 1, 1) }),
      /weight NaN is not finite/,
    ],
    [
      'an infinite weight',
      changed({}, { 'neighbours.weights': f32(1, 1, 1, 1, -1 / 0) }),
      /weight -Infinity is not/,
    ],
    [
      'a weight too few',
      changed({}, { 'neighbours.weights': f32(1, 1, 1, 1) }),
      /5 neighbours, and 4 weights/,
    ],
    ['an item twice', changed({}, { 'item.ids': u8('abca') }), /item id "a" is there twice/],
    [
      'an empty item id',
      changed({}, { 'item.ids.offsets': i64(0n, 2n, 2n, 3n, 4n) }),
      /item id 1: Too small/,
    ],
    [
      'an item id of more than 256 characters',
      changed(
        {},
        { 'item.ids': u8(`${'x'.repeat(257)}bcd`), 'item.ids.offsets': i64(0n, 257n, 258n, 259n, 260n) },
      ),
      /item id 0: Too big/,
    ],
    [
      'an item id that is not UTF-8',
      changed({}, { 'item.ids': u8(Uint8Array.of(97, 98, 0xff, 99)) }),
      /id 2 is not/,
    ],
    [
      'a character that is cut in two',
      changed({}, { 'item.ids': u8('éab'), 'item.ids.offsets': i64(0n, 1n, 2n, 3n, 4n) }),
      /item id 0 is not UTF-8/,
    ],
    [
      'ids that fall',
      changed({}, { 'item.ids.offsets': i64(0n, 2n, 1n, 3n, 4n) }),
      /item.ids.offsets" falls from 2 to 1/,
    ],
    [
      'ids that end early',
      changed({}, { 'item.ids.offsets': i64(0n, 1n, 2n, 3n, 3n) }),
      /item.ids.offsets" ends at 3, and not at 4/,
    ],
  ])('%s is refused by name', (_, artefact, message) => {
    expect(() => decodeModel(artefact)).toThrow(ArtefactError)
    expect(() => decodeModel(artefact)).toThrow(message)
  })

  test('metadata that a framework adds is left alone', () => {
    expect(decodeModel(changed({ format: 'pt' })).itemCount).toBe(4)
  })

  test('more neighbours than can be counted are refused, never counted wrongly', () => {
    const file = { metadata: new Map(), tensors: new Map([['offsets', i64(0n, 2n ** 32n)]]) }
    expect(() => readOffsets(file, 'offsets', 2 ** 32)).toThrow(/"offsets" would run to 4294967296/)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArtefactError } from './artefact-error.ts'
import {
  DTYPES,
  type Dtype,
  MAX_HEADER_BYTES,
  readSafetensors,
  type SafetensorsFile,
  type Tensor,
  writeSafetensors,
} from './safetensors.ts'

const ELEMENT_BYTES = { U8: 1, I32: 4, F32: 4, I64: 8 }

/** A tensor whose elements are these bytes. */
function tensor(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): Tensor {
  const { buffer } = new Uint8Array(bytes)
  if (dtype === 'U8') return { dtype, shape, data: new Uint8Array(buffer) }
  if (dtype === 'I32') return { dtype, shape, data: new Int32Array(buffer) }
  if (dtype === 'F32') return { dtype, shape, data: new Float32Array(buffer) }
  return { dtype, shape, data: new BigInt64Array(buffer) }
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** What can be compared: NaN has many bit patterns, and `toEqual` takes 0 and -0 for different but not those. */
function comparable({ metadata, tensors }: SafetensorsFile) {
  return {
    metadata: new Map(metadata),
    tensors: new Map(
      [...tensors].map(([name, one]) => [
        name,
        { dtype: one.dtype, shape: one.shape, bytes: [...bytesOf(one)] },
      ]),
    ),
  }
}

/** A file whose header and data are exactly these. */
function file(header: string | Uint8Array, data: readonly number[] = []): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

function entry(dtype: string, shape: readonly number[], begin: number, end: number) {
  return {
    dtype,
    shape,
    data_offsets: [begin, end],
  }
}

function headerOf(header: unknown, data: readonly number[] = []) {
  return file(JSON.stringify(header), data)
}

/** Any bytes as elements, so every bit pattern of a float; scalars and empty tensors among them. */
const tensorArbitrary = fc
  .tuple(fc.constantFrom(...DTYPES), fc.array(fc.nat(4), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const length = ELEMENT_BYTES[dtype] * shape.reduce((product, size) => product * size, 1)
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => tensor(dtype, shape, bytes))
  })
const textArbitrary = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constant('__proto__'))
const fileArbitrary: fc.Arbitrary<SafetensorsFile> = fc.record({
  metadata: fc
    .array(fc.tuple(textArbitrary, textArbitrary), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  tensors: fc
    .array(fc.tuple(textArbitrary, tensorArbitrary), { maxLength: 6 })
    .map((entries) => new Map(entries)),
})

describe('safetensors', () => {
  test.each(DTYPES)('what was written is read again, for any tensors of %s', (dtype) => {
    const withDtype = fc
      .tuple(
        fileArbitrary,
        tensorArbitrary.filter((one) => one.dtype === dtype),
      )
      .map(([{ metadata, tensors }, one]) => ({ metadata, tensors: new Map([...tensors, ['x', one]]) }))
    fc.assert(
      fc.property(withDtype, (written) => {
        expect(comparable(readSafetensors(writeSafetensors(written)))).toEqual(comparable(written))
      }),
    )
  })

  test('a file is what the published format says, byte by byte', () => {
    const written = writeSafetensors({
      metadata: new Map([['kind', 'example']]),
      tensors: new Map([
        ['b', { dtype: 'U8', shape: [1], data: Uint8Array.of(255) }],
        ['a', { dtype: 'I64', shape: [], data: BigInt64Array.of(-2n) }],
      ]),
    })
    const header =
      '{"__metadata__":{"kind":"example"},"a":{"data_offsets":[0,8],"dtype":"I64","shape":[]},' +
      '"b":{"data_offsets":[8,9],"dtype":"U8","shape":[1]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ')
    expect(padded.length).toBeGreaterThan(header.length)
    expect(written).toEqual(file(padded, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
  })

  test('the same content in another order gives the same bytes', () => {
    fc.assert(
      fc.property(fileArbitrary, ({ metadata, tensors }) => {
        const reversed = {
          metadata: new Map([...metadata].reverse()),
          tensors: new Map([...tensors].reverse()),
        }
        expect(writeSafetensors(reversed)).toEqual(writeSafetensors({ metadata, tensors }))
      }),
    )
  })

  test('tensors of a file of our own are views, wherever it starts; of one that is shifted they are copies', () => {
    fc.assert(
      fc.property(fileArbitrary, fc.integer({ min: 0, max: 16 }), (content, start) => {
        const written = writeSafetensors(content)
        const larger = new Uint8Array(written.length + start)
        larger.set(written, start)
        const read = readSafetensors(larger.subarray(start))
        expect(comparable(read)).toEqual(comparable(content))
        for (const { dtype, data } of read.tensors.values()) {
          const isView = data.buffer === larger.buffer
          if (data.length > 0) expect(isView).toBe(start % ELEMENT_BYTES[dtype] === 0)
        }
      }),
    )
  })

  test('white space, other orders and a missing or empty __metadata__ are read', () => {
    const text = ' { }'.trimStart().padEnd(13)
    expect(readSafetensors(file(text)).tensors.size).toBe(0)
    const tensors = { z: entry('I32', [0, 7], 1, 1), a: entry('U8', [1], 0, 1) }
    for (const header of [tensors, { ...tensors, __metadata__: {} }, { __metadata__: null, ...tensors }]) {
      const read = readSafetensors(headerOf(header, [9]))
      expect(read.metadata.size).toBe(0)
      expect([...read.tensors.keys()].sort()).toEqual(['a', 'z'])
      expect(read.tensors.get('a')?.data).toEqual(Uint8Array.of(9))
    }
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /0 bytes are too few/],
    ['half a length', new Uint8Array(7), /7 bytes are too few/],
    ['a length beyond the file', file('{}').subarray(0, 9), /should have 2 bytes, and only 1 follow/],
    [
      'a length beyond the limit',
      Uint8Array.of(1, 0, 16, 0, 0, 0, 0, 0),
      /1048577 bytes, of 1048576 allowed/,
    ],
    ['the largest length', new Uint8Array(8).fill(255), /18446744073709551615 bytes/],
    ['a header that is empty', file(''), /does not begin with \{/],
    ['a header that begins with a space', file(' {}'), /does not begin with \{/],
    ['a header that is an array', file('[]'), /does not begin with \{/],
    ['a header that is cut off', file('{"a":'), /not JSON/],
    ['a header with text behind it', file('{}{}'), /not JSON/],
    [
      'a header that is not UTF-8',
      file(Buffer.from('{"__metadata__":{"a":"\xff"}}', 'latin1')),
      /not JSON in UTF-8/,
    ],
    ['a tensor twice', file('{"a":1,"b":2,"a":3}'), /key "a" twice/],
    ['a tensor twice, once escaped', file('{"a":1,"\\u0061":3}'), /key "a" twice/],
    ['a key of a tensor twice', file('{"a":{"dtype":"U8","dtype":"U8"}}'), /key "dtype" twice/],
    ['two __metadata__', file('{"__metadata__":{},"__metadata__" : {}}'), /key "__metadata__" twice/],
    ['metadata that is a list', file('{"__metadata__":[]}'), /__metadata__ is not an object/],
    ['metadata with a number', file('{"__metadata__":{"version":1}}'), /no text as "version"/],
    ['a tensor that is no object', file('{"a":[]}'), /tensor "a": /],
    ['an unknown dtype', headerOf({ a: entry('F64', [0], 0, 0) }), /tensor "a": dtype: F64 is none of U8/],
    ['a dtype that is no text', file(`{"a":{"dtype":${nested(9_999)}}}`), /dtype: no text is none of/],
    ['no shape', file('{"a":{"dtype":"U8","data_offsets":[0,0]}}'), /tensor "a": shape/],
    ['a negative size', headerOf({ a: entry('U8', [-1], 0, 0) }), /tensor "a": shape/],
    ['a size that is no whole number', headerOf({ a: entry('U8', [0.5], 0, 0) }), /tensor "a": shape/],
    ['one offset', file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}'), /tensor "a": data_offsets/],
    ['a negative offset', headerOf({ a: entry('U8', [1], -1, 0) }), /tensor "a": data_offsets/],
    [
      'offsets in reverse',
      headerOf({ a: entry('U8', [1], 1, 0) }, [0]),
      /has 1 bytes, and its offsets are 1 and 0/,
    ],
    ['too few bytes for the shape', headerOf({ a: entry('I32', [2], 0, 4) }, [0, 0, 0, 0]), /has 8 bytes/],
    [
      'a shape beyond every number',
      headerOf({ a: entry('U8', [2 ** 31, 2 ** 31], 0, 0) }),
      /too many elements/,
    ],
    [
      'a shape that overflows to 0',
      headerOf({ a: entry('U8', [2 ** 32, 2 ** 32], 0, 0) }),
      /too many elements/,
    ],
    ['data that is cut off', headerOf({ a: entry('U8', [2], 0, 2) }, [1]), /have 2 bytes, and 1 follow/],
    ['bytes behind the data', headerOf({ a: entry('U8', [1], 0, 1) }, [1, 2]), /have 1 bytes, and 2 follow/],
    ['data without a tensor', file('{}', [1]), /have 0 bytes, and 1 follow/],
    ['a hole at the start', headerOf({ a: entry('U8', [1], 1, 2) }, [1, 2]), /begins at byte 1 .* ends at 0/],
    [
      'a hole between two',
      headerOf({ a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, [1, 2, 3]),
      /tensor "b" begins at byte 2 .* ends at 1/,
    ],
    [
      'an overlap',
      headerOf({ a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, [1, 2, 3]),
      /tensor "b" begins at byte 1 .* ends at 2/,
    ],
  ])('%s is refused, and the message says why', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(ArtefactError)
    expect(() => readSafetensors(bytes)).toThrow(message)
  })

  test('a message stays short, however long the name that it tells of', () => {
    const name = 'x'.repeat(100_000)
    expect(() => readSafetensors(headerOf({ [name]: 1 }))).toThrow(/^model artefact: tensor "x{100,300}…$/)
  })

  test('a header of the largest size is read, and of no larger one is any written', () => {
    const full = writeSafetensors({
      metadata: new Map([['a', 'x'.repeat(MAX_HEADER_BYTES - 26)]]),
      tensors: new Map(),
    })
    expect(full.length).toBe(8 + MAX_HEADER_BYTES)
    expect(readSafetensors(full).metadata.get('a')?.length).toBe(MAX_HEADER_BYTES - 26)
    const larger = { metadata: new Map([['a', 'x'.repeat(MAX_HEADER_BYTES)]]), tensors: new Map() }
    expect(() => writeSafetensors(larger)).toThrow(/bytes, of 1048576 allowed/)
  })

  test('nothing is written that could not be read: a shape that does not fit, a tensor called __metadata__', () => {
    const data = Uint8Array.of(1, 2, 3)
    const write = (name: string, shape: number[]) =>
      writeSafetensors({ metadata: new Map(), tensors: new Map([[name, { dtype: 'U8', shape, data }]]) })
    expect(() => write('a', [2, 2])).toThrow(/has 3 elements, and shape \[2,2\]/)
    expect(() => write('__metadata__', [3])).toThrow(/no tensor can be called __metadata__/)
  })

  test('a file that was cut off or extended anywhere is refused', () => {
    fc.assert(
      fc.property(
        fileArbitrary,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        (content, cut, more) => {
          const written = writeSafetensors(content)
          expect(() => readSafetensors(written.subarray(0, cut % written.length))).toThrow(ArtefactError)
          expect(() => readSafetensors(Buffer.concat([written, more]))).toThrow(ArtefactError)
        },
      ),
    )
  })

  test('whatever bytes come, they are refused or give tensors that cover exactly what follows the header', () => {
    const damaged = fc
      .tuple(fileArbitrary, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
      .map(([content, changes]) => {
        const bytes = writeSafetensors(content)
        for (const [place, value] of changes) bytes[place % bytes.length] = value
        return bytes
      })
    // Headers of the right shape with wrong numbers, which damage alone would rarely hit.
    const numbers = fc.oneof(fc.nat(9), fc.integer(), fc.constantFrom(2 ** 32, 2 ** 53 - 1, 1e300))
    const invented = fc
      .tuple(
        fc.dictionary(
          textArbitrary,
          fc.record({
            dtype: fc.constantFrom(...DTYPES, 'BOOL'),
            shape: fc.array(numbers, { maxLength: 2 }),
            data_offsets: fc.tuple(numbers, numbers),
          }),
          { maxKeys: 3 },
        ),
        fc.array(fc.nat(255), { maxLength: 9 }),
      )
      .map(([header, data]) => headerOf(header, data))
    fc.assert(
      fc.property(fc.oneof(damaged, invented, fc.uint8Array({ maxLength: 64 })), (bytes) => {
        let read: SafetensorsFile
        try {
          read = readSafetensors(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ArtefactError)
          return
        }
        const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
        const sizes = [...read.tensors.values()].map(({ data }) => data.byteLength)
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes.length - 8 - headerBytes)
        for (const { shape, data } of read.tensors.values()) {
          expect(data.length).toBe(shape.reduce((product, size) => product * size, 1))
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

/** JSON too deep for whatever would write it into a message by calling itself. */
function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

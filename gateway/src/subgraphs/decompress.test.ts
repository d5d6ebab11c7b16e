import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decompress } from './decompress.ts'
import { gzipBomb } from './testing/gzip-bomb.ts'

const MIB = 1024 * 1024
const BODY = Buffer.from('{"data":{"a":"é"}}')

test.each([
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('%s is read', (encoding, compress) => {
  expect(decompress(compress(BODY), encoding, MIB)).toEqual(BODY)
})

test.each([['zstd'], ['gzip, br'], ['no such thing']])('%s is refused', (encoding) => {
  expect(() => decompress(BODY, encoding, MIB)).toThrow('content-encoding')
})

test.each([
  ['not compressed', BODY],
  ['cut off', gzipSync(BODY).subarray(0, 20)],
])('bytes that are %s are refused', (_name, bytes) => {
  expect(() => decompress(bytes, 'gzip', MIB)).toThrow()
})

test('a body that expands beyond the limit is given up', () => {
  expect(() => decompress(gzipBomb(1_024), 'gzip', MIB)).toThrow('larger than')
})

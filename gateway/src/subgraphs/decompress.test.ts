import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decompress } from './decompress.ts'
import { gzipBomb } from './testing/gzip-bomb.ts'

const MIB = 1024 * 1024
const SMALL = Buffer.from('{"data":{"a":"é"}}')
/** Hardly compressible, so that it is over the bound for decompressing at once. */
const LARGE = Buffer.from(Array.from({ length: 3_000 }, (_, n) => `${Math.sin(n)}`).join())

test.each([
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('%s is read, small bodies and large ones', async (encoding, compress) => {
  expect(await decompress(compress(SMALL), encoding, MIB)).toEqual(SMALL)
  expect(await decompress(compress(LARGE), encoding, MIB)).toEqual(LARGE)
})

test.each([['zstd'], ['gzip, br'], ['no such thing']])('%s is refused', (encoding) => {
  expect(() => decompress(SMALL, encoding, MIB)).toThrow('content-encoding')
})

test.each([
  ['not compressed', SMALL],
  ['cut off', gzipSync(SMALL).subarray(0, 20)],
])('bytes that are %s are refused', (_name, bytes) => {
  expect(() => decompress(bytes, 'gzip', MIB)).toThrow()
})

test.each([
  ['at once', gzipSync(Buffer.alloc(2 * MIB))],
  ['in the thread pool', gzipBomb(1_024)],
])('a body that expands beyond the limit is given up, %s', async (_name, bomb) => {
  await expect(async () => decompress(bomb, 'gzip', MIB)).rejects.toThrow('larger than')
})

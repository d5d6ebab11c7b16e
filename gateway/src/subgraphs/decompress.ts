import { promisify } from 'node:util'
import {
  brotliDecompress,
  brotliDecompressSync,
  gunzip,
  gunzipSync,
  inflate,
  inflateSync,
  type ZlibOptions,
} from 'node:zlib'

/** What the gateway asks for, and can read. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br'

/** Small bodies are decompressed at once: a turn through the thread pool costs five times as much. */
const MAX_SYNC_BYTES = 16 * 1024

type Decompressor = {
  readonly sync: (bytes: Buffer, options: ZlibOptions) => Buffer
  readonly async: (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>
}

const GZIP: Decompressor = { sync: gunzipSync, async: promisify<Buffer, ZlibOptions, Buffer>(gunzip) }
const DECOMPRESSORS: ReadonlyMap<string, Decompressor> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['deflate', { sync: inflateSync, async: promisify<Buffer, ZlibOptions, Buffer>(inflate) }],
  ['br', { sync: brotliDecompressSync, async: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress) }],
])

/**
 * The bytes of a compressed answer. Stops as soon as they are over `maxBytes`, so that a small body that expands to
 * gigabytes takes no more than that.
 * @throws where the bytes are not of this encoding, or too many
 */
export function decompress(bytes: Buffer, encoding: string, maxBytes: number): Buffer | Promise<Buffer> {
  const decompressor = DECOMPRESSORS.get(encoding.trim().toLowerCase())
  if (!decompressor) throw new Error(`answer has the content-encoding ${encoding}`)
  const options = { maxOutputLength: maxBytes }
  return bytes.length <= MAX_SYNC_BYTES
    ? decompressor.sync(bytes, options)
    : decompressor.async(bytes, options)
}

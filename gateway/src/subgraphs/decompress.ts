import { brotliDecompressSync, gunzipSync, inflateSync, type ZlibOptions } from 'node:zlib'

/** What the gateway asks for, and can read. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br'

const DECOMPRESSORS: ReadonlyMap<string, (bytes: Buffer, options: ZlibOptions) => Buffer> = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
])

/**
 * The bytes of a compressed answer. Stops as soon as they are over `maxBytes`, so that a small body that expands to
 * gigabytes takes no more than that.
 *
 * At once, and not in the thread pool: that costs five times as much for a small body, and for a large one parsing the
 * JSON takes longer anyway. It also means that only one answer is expanded at a time.
 * @throws where the bytes are not of this encoding, or too many
 */
export function decompress(bytes: Buffer, encoding: string, maxBytes: number): Buffer {
  const decompressor = DECOMPRESSORS.get(encoding.trim().toLowerCase())
  if (!decompressor) throw new Error(`answer has the content-encoding ${encoding}`)
  return decompressor(bytes, { maxOutputLength: maxBytes })
}

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { ImportError } from '../import-error.ts'

/** The bytes of a file, unpacked where it is gzip. */
export type Source = {
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes of the file itself that were read so far, for progress. */
  bytesRead(): number
}

const CHUNK_BYTES = 256 * 1024

/** What no line of text begins with, and what to do about it. */
const REFUSED: readonly { readonly magic: readonly number[]; readonly problem: string }[] = [
  { magic: [0x50, 0x4b, 0x03, 0x04], problem: 'it is a zip archive: unpack it, and import the file inside' },
  { magic: [0x42, 0x5a, 0x68], problem: 'it is packed with bzip2: unpack it, or pack it with gzip' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], problem: 'it is packed with xz: unpack it, or pack it with gzip' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], problem: 'it is packed with zstd: unpack it, or pack it with gzip' },
  {
    magic: [0x50, 0x41, 0x52, 0x31],
    problem: 'it is a Parquet file: write it as CSV or JSON lines, for example with DuckDB',
  },
  { magic: [0xff, 0xfe], problem: utf16('UTF-16LE') },
  { magic: [0xfe, 0xff], problem: utf16('UTF-16BE') },
]
const GZIP = [0x1f, 0x8b]

function utf16(encoding: string): string {
  return `it is ${encoding} text: convert it, for example with \`iconv -f ${encoding} -t UTF-8 FILE > NEW\``
}

/**
 * Opens a file, and tells by its first bytes whether it is gzip; its name says nothing. The chunks reject with what the
 * file system says (ENOENT, EISDIR, ...), and with an ImportError where the gzip data is damaged.
 * @throws ImportError for a file that is packed in another way, or is UTF-16 text
 */
export async function openSource(path: string): Promise<Source> {
  const magic = await firstBytes(path, 8)
  const refused = REFUSED.find((known) => known.magic.every((byte, at) => magic[at] === byte))
  if (refused !== undefined) throw new ImportError(refused.problem)
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const isGzip = GZIP.every((byte, at) => magic[at] === byte)
  return { chunks: isGzip ? unpacked(file) : file, bytesRead: () => file.bytesRead }
}

async function* unpacked(file: ReturnType<typeof createReadStream>): AsyncGenerator<Buffer, void, void> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  // Errors of the file must reach whoever reads the unpacked bytes.
  file.once('error', (error) => gunzip.destroy(error))
  try {
    yield* file.pipe(gunzip) as AsyncIterable<Buffer>
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
    throw new ImportError(
      `its gzip data is damaged or cut off (${error.message}): get the whole file and import that, which adds what is missing`,
    )
  } finally {
    file.destroy()
  }
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

import { z } from 'zod'

/** A model artefact that cannot be served; the message says what is wrong with it. */
export class ArtefactError extends Error {
  override readonly name = 'ArtefactError'

  constructor(problem: string) {
    super(`model artefact: ${problem}`)
  }
}

/** What every model is kept in: a JSON header that names its format, and the arrays that the format defines. */
export type ArtefactContainer = {
  readonly format: string
  /** The whole header, to be checked by the format's own schema. */
  readonly header: unknown
  /** Starts at a multiple of 4 bytes in its buffer. */
  readonly body: Uint8Array
}

/** "BHMA", then the container's version, then the header's length in bytes: three 32-bit little-endian words. */
const MAGIC = 0x414d4842
const CONTAINER_VERSION = 1
const PREFIX_BYTES = 12

const formatSchema = z.object({ format: z.string() })

/** Writes a container; the header's spaces at the end put the arrays at a multiple of 4 bytes. */
export function writeArtefact(
  header: { readonly format: string },
  arrays: readonly (Uint32Array | Float32Array)[],
): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), 'utf8')
  const headerBytes = Math.ceil(text.length / 4) * 4
  const bodyBytes = arrays.reduce((sum, array) => sum + array.byteLength, 0)
  const bytes = new Uint8Array(PREFIX_BYTES + headerBytes + bodyBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, CONTAINER_VERSION, true)
  view.setUint32(8, headerBytes, true)
  bytes.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headerBytes)
  bytes.set(text, PREFIX_BYTES)
  let offset = PREFIX_BYTES + headerBytes
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset)
    offset += array.byteLength
  }
  swapWordsOnBigEndian(bytes.subarray(PREFIX_BYTES + headerBytes))
  return bytes
}

/** @throws ArtefactError for anything that `writeArtefact` did not write */
export function readArtefact(artefact: Uint8Array): ArtefactContainer {
  // A copy, because what a datastore returns may start anywhere in a larger buffer.
  const bytes = new Uint8Array(artefact)
  if (bytes.length < PREFIX_BYTES) throw new ArtefactError('it is too short to hold a header')
  const view = new DataView(bytes.buffer)
  if (view.getUint32(0, true) !== MAGIC) throw new ArtefactError('it does not begin as one')
  const version = view.getUint32(4, true)
  if (version !== CONTAINER_VERSION)
    throw new ArtefactError(`version ${version} of its container is not known`)
  const headerBytes = view.getUint32(8, true)
  if (headerBytes % 4 !== 0 || PREFIX_BYTES + headerBytes > bytes.length) {
    throw new ArtefactError('its header does not fit into it')
  }
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes))
  const parsed = formatSchema.safeParse(header)
  if (!parsed.success) throw new ArtefactError('its header names no format')
  return { format: parsed.data.format, header, body: bytes.subarray(PREFIX_BYTES + headerBytes) }
}

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch {
    throw new ArtefactError('its header is not JSON')
  }
}

/** Reads arrays of 32-bit values one after the other, until nothing may be left. */
export type ArrayReader = {
  uint32(length: number): Uint32Array
  float32(length: number): Float32Array
  /** @throws ArtefactError when bytes are left */
  end(): void
}

export function createArrayReader(body: Uint8Array): ArrayReader {
  let offset = 0
  function take(length: number): ArrayBuffer {
    const end = offset + length * 4
    if (end > body.length) throw new ArtefactError('its arrays are cut off')
    const bytes = new Uint8Array(body.subarray(offset, end))
    offset = end
    swapWordsOnBigEndian(bytes)
    return bytes.buffer
  }
  return {
    uint32: (length) => new Uint32Array(take(length)),
    float32: (length) => new Float32Array(take(length)),
    end() {
      if (offset !== body.length) throw new ArtefactError(`${body.length - offset} bytes follow its arrays`)
    },
  }
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** 32-bit words between this machine's byte order and the artefact's, in place. */
function swapWordsOnBigEndian(bytes: Uint8Array): void {
  if (!HOST_IS_LITTLE_ENDIAN) Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).swap32()
}

import { canonicalJson, isPlainObject } from '@bulkhead/contracts'
import { z } from 'zod'
import { ArtefactError } from './artefact-error.ts'
import { findRepeatedKey } from './repeated-key.ts'

/**
 * The safetensors format (https://huggingface.co/docs/safetensors): the header's length as 8 bytes, little-endian; the
 * header, a JSON object; then the tensors' bytes without gaps, each little-endian and row by row. These element types
 * are supported. Typed arrays have the byte order of the machine, so big-endian machines are not supported.
 */
export const DTYPES = ['U8', 'I32', 'F32', 'I64'] as const
export type Dtype = (typeof DTYPES)[number]

const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = { U8: 1, I32: 4, F32: 4, I64: 8 }

type Elements = { U8: Uint8Array; I32: Int32Array; F32: Float32Array; I64: BigInt64Array }

/** `data` holds as many elements as the product of `shape`; a scalar's shape is empty. */
export type TensorOf<D extends Dtype> = {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: Elements[D]
}
export type Tensor = { [D in Dtype]: TensorOf<D> }[Dtype]

export type SafetensorsFile = {
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, Tensor>
}

/**
 * The reference implementation takes headers of up to 100 MB. Ours hold a handful of tensors and a few lines of
 * metadata, so a limit that small keeps a hostile header from filling the memory with JSON.
 */
export const MAX_HEADER_BYTES = 1024 * 1024

const LENGTH_BYTES = 8
const ALIGNMENT = 8
const SPACE = 0x20
const OPENING_BRACE = 0x7b
/** The one key of the header that names no tensor. */
const METADATA_KEY = '__metadata__'

/**
 * Writes a file whose tensors can all be read without copying: the data begins at a multiple of 8 bytes, and wider
 * elements come first. The same content gives the same bytes, in whatever order the maps hold it.
 * @throws ArtefactError for what `readSafetensors` would refuse
 */
export function writeSafetensors({ metadata, tensors }: SafetensorsFile): Uint8Array {
  if (tensors.has(METADATA_KEY)) throw new ArtefactError(`no tensor can be called ${METADATA_KEY}`)
  const sorted = [...tensors].sort(([nameA, a], [nameB, b]) => {
    return ELEMENT_BYTES[b.dtype] - ELEMENT_BYTES[a.dtype] || (nameA < nameB ? -1 : 1)
  })
  let dataBytes = 0
  const entries = sorted.map(([name, { dtype, shape, data }]) => {
    if (elementCount(name, shape) !== data.length) {
      throw new ArtefactError(`tensor "${name}" has ${data.length} elements, and shape [${shape}]`)
    }
    const begin = dataBytes
    dataBytes += data.byteLength
    return [name, { dtype, shape, data_offsets: [begin, dataBytes] }]
  })
  const header = new TextEncoder().encode(
    canonicalJson(Object.fromEntries([[METADATA_KEY, Object.fromEntries(metadata)], ...entries])),
  )
  const headerBytes = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT
  if (headerBytes > MAX_HEADER_BYTES) throw headerTooLong(headerBytes)
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.fill(SPACE, LENGTH_BYTES, LENGTH_BYTES + headerBytes)
  bytes.set(header, LENGTH_BYTES)
  let offset = LENGTH_BYTES + headerBytes
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return bytes
}

/**
 * Reads a file and checks every rule of the format before any tensor is touched. Tensors are views into `bytes`, which
 * must not change afterwards; a tensor that is not aligned for its elements, as other writers may leave it, is copied.
 * @throws ArtefactError that names the first rule which is broken
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const dataStart = LENGTH_BYTES + readHeaderLength(bytes)
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart))
  const data = bytes.subarray(dataStart)
  const entries = [...header]
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, entry]) => parseEntry(name, entry))
  checkCoverage(entries, data.length)
  return {
    metadata: parseMetadata(header.get(METADATA_KEY) ?? {}),
    tensors: new Map(entries.map((entry) => [entry.name, tensorOf(entry, data)])),
  }
}

function readHeaderLength(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES)
    throw new ArtefactError(`${bytes.length} bytes are too few for a safetensors file`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES) throw headerTooLong(length)
  if (length > bytes.length - LENGTH_BYTES) {
    throw new ArtefactError(
      `its header should have ${length} bytes, and only ${bytes.length - LENGTH_BYTES} follow`,
    )
  }
  return Number(length)
}

function headerTooLong(length: number | bigint): ArtefactError {
  return new ArtefactError(
    `its header would have ${length} bytes, of ${MAX_HEADER_BYTES} allowed: is it a safetensors file?`,
  )
}

/** The header's members as they stand in it. */
function parseHeader(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  if (bytes[0] !== OPENING_BRACE) throw new ArtefactError('its header does not begin with {')
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    header = JSON.parse(text)
  } catch {
    throw new ArtefactError('its header is not JSON in UTF-8')
  }
  const repeated = findRepeatedKey(text)
  if (repeated !== null) throw new ArtefactError(`its header has the key "${repeated}" twice`)
  return new Map(Object.entries(header ?? {}))
}

function parseMetadata(metadata: unknown): ReadonlyMap<string, string> {
  if (!isPlainObject(metadata)) throw new ArtefactError(`its ${METADATA_KEY} is not an object`)
  const members = new Map<string, string>()
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw new ArtefactError(`its ${METADATA_KEY} has no text as "${key}"`)
    members.set(key, value)
  }
  return members
}

const sizeSchema = z.int().min(0)
const entrySchema = z.object({
  dtype: z.enum(DTYPES, {
    error: ({ input }) => `${typeof input === 'string' ? input : 'no text'} is none of ${DTYPES.join(', ')}`,
  }),
  shape: z.array(sizeSchema),
  data_offsets: z.tuple([sizeSchema, sizeSchema]),
})

/** What the header says of a tensor; its bytes are `[begin, end)` of the data. */
type Entry = {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function parseEntry(name: string, entry: unknown): Entry {
  const parsed = entrySchema.safeParse(entry)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' }
    throw new ArtefactError(`tensor "${name}": ${[...path.slice(0, 1), message].join(': ')}`)
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data
  const [begin, end] = offsets
  const byteLength = elementCount(name, shape) * ELEMENT_BYTES[dtype]
  if (end - begin !== byteLength) {
    throw new ArtefactError(
      `tensor "${name}" of ${dtype} and shape [${shape}] has ${byteLength} bytes, and its offsets are ${begin} and ${end}`,
    )
  }
  return { name, dtype, shape, begin, end }
}

function elementCount(name: string, shape: readonly number[]): number {
  let count = 1
  for (const size of shape) {
    count *= size
    // With room for the bytes of an element.
    if (!Number.isSafeInteger(count * ALIGNMENT)) {
      throw new ArtefactError(`tensor "${name}" of shape [${shape}] has too many elements`)
    }
  }
  return count
}

/** Every byte of the data belongs to exactly one tensor. */
function checkCoverage(entries: readonly Entry[], dataBytes: number): void {
  let covered = 0
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      throw new ArtefactError(
        `tensor "${name}" begins at byte ${begin} of the data, and the one before it ends at ${covered}`,
      )
    }
    covered = end
  }
  if (covered !== dataBytes) {
    throw new ArtefactError(`its tensors have ${covered} bytes, and ${dataBytes} follow the header`)
  }
}

function tensorOf({ dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor {
  const size = ELEMENT_BYTES[dtype]
  const inFile = data.subarray(begin, end)
  const bytes = inFile.byteOffset % size === 0 ? inFile : new Uint8Array(inFile)
  const place = [bytes.buffer, bytes.byteOffset, bytes.length / size] as const
  switch (dtype) {
    case 'U8':
      return { dtype, shape, data: new Uint8Array(...place) }
    case 'I32':
      return { dtype, shape, data: new Int32Array(...place) }
    case 'F32':
      return { dtype, shape, data: new Float32Array(...place) }
    case 'I64':
      return { dtype, shape, data: new BigInt64Array(...place) }
  }
}

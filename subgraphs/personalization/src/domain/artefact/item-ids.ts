import { identifierSchema } from '@bulkhead/contracts'
import { ArtefactError } from './artefact-error.ts'
import { packIds } from './packed-ids.ts'
import type { SafetensorsFile, Tensor } from './safetensors.ts'
import { offsetsTensor, readOffsets, vector } from './vectors.ts'

const IDS = 'item.ids'
const OFFSETS = 'item.ids.offsets'
export const ITEM_ID_TENSORS = [IDS, OFFSETS] as const

/** A byte order mark is a part of the id. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function itemIdTensors(itemIds: readonly string[]): [string, Tensor][] {
  const { bytes, offsets } = packIds(itemIds)
  return [
    [IDS, { dtype: 'U8', shape: [bytes.length], data: bytes }],
    [OFFSETS, offsetsTensor(offsets)],
  ]
}

/** Each id is an identifier as the contracts have it, and there once. */
export function readItemIds(file: SafetensorsFile): string[] {
  const bytes = vector(file, IDS, 'U8')
  const offsets = readOffsets(file, OFFSETS, bytes.length)
  const seen = new Set<string>()
  for (let index = 0; index + 1 < offsets.length; index++) {
    const id = decode(bytes.subarray(offsets[index], offsets[index + 1]), index)
    const problem = identifierSchema.safeParse(id).error?.issues[0]?.message
    if (problem !== undefined) throw new ArtefactError(`item id ${index}: ${problem}`)
    if (seen.has(id)) throw new ArtefactError(`item id "${id}" is there twice`)
    seen.add(id)
  }
  return [...seen]
}

function decode(bytes: Uint8Array, index: number): string {
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw new ArtefactError(`item id ${index} is not UTF-8`)
  }
}

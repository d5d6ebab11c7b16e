import type { NeighbourLists } from '../item-to-item/train.ts'
import { ArtefactError } from './artefact-error.ts'
import { ITEM_ID_TENSORS, itemIdTensors, readItemIds } from './item-ids.ts'
import { type ModelDescription, toMetadata } from './model-description.ts'
import { type SafetensorsFile, type Tensor, writeSafetensors } from './safetensors.ts'
import { offsetsTensor, readOffsets, refuseOtherTensors, vector } from './vectors.ts'

export const ITEM_NEIGHBOURS = 'item-neighbours'

const INDPTR = 'neighbours.indptr'
const INDICES = 'neighbours.indices'
const WEIGHTS = 'neighbours.weights'
const TENSORS = [INDPTR, INDICES, WEIGHTS, ...ITEM_ID_TENSORS]

/** The artefact of kind item-neighbours, as docs/model-artefacts.md describes it: the same model gives the same bytes. */
export function encodeItemNeighbours(
  description: Omit<ModelDescription, 'kind'>,
  { itemIds, starts, neighbours, similarities }: NeighbourLists,
): Uint8Array {
  const tensors: [string, Tensor][] = [
    [INDPTR, offsetsTensor(starts)],
    [INDICES, { dtype: 'I32', shape: [neighbours.length], data: neighbours }],
    [WEIGHTS, { dtype: 'F32', shape: [similarities.length], data: similarities }],
    ...itemIdTensors(itemIds),
  ]
  return writeSafetensors({
    metadata: toMetadata({ kind: ITEM_NEIGHBOURS, ...description }),
    tensors: new Map(tensors),
  })
}

/**
 * The lists of a file of this kind; neighbours and weights are views into it.
 * @throws ArtefactError that names the first thing which is not as docs/model-artefacts.md has it
 */
export function readItemNeighbours(file: SafetensorsFile): NeighbourLists {
  refuseOtherTensors(file, TENSORS)
  const itemIds = readItemIds(file)
  const neighbours = vector(file, INDICES, 'I32')
  const weights = vector(file, WEIGHTS, 'F32')
  const starts = readOffsets(file, INDPTR, neighbours.length)
  if (starts.length !== itemIds.length + 1) {
    throw new ArtefactError(
      `"${INDPTR}" has ${starts.length} values for ${itemIds.length} items, and needs one more`,
    )
  }
  if (weights.length !== neighbours.length) {
    throw new ArtefactError(`there are ${neighbours.length} neighbours, and ${weights.length} weights`)
  }
  for (const neighbour of neighbours) {
    if (neighbour < 0 || neighbour >= itemIds.length) {
      throw new ArtefactError(`neighbour ${neighbour} is none of its ${itemIds.length} items`)
    }
  }
  for (const weight of weights) {
    if (!Number.isFinite(weight)) throw new ArtefactError(`weight ${weight} is not finite`)
  }
  return { itemIds, starts, neighbours, similarities: weights }
}

import { identifierSchema } from '@bulkhead/contracts'
import { z } from 'zod'
import { type ArtefactContainer, ArtefactError, createArrayReader, writeArtefact } from '../model-artefact.ts'
import type { RecommendationModel } from '../model-candidate.ts'
import { createItemToItemModel } from './model.ts'
import { ITEM_TO_ITEM_FORMAT } from './parameters.ts'
import type { NeighbourLists } from './train.ts'

const FORMAT_VERSION = 1

const headerSchema = z.object({
  format: z.literal(ITEM_TO_ITEM_FORMAT),
  version: z.literal(FORMAT_VERSION),
  algorithm: z.string().min(1),
  /** How many neighbours all items have together: the length of the second and third array. */
  neighbourCount: z.int().min(0),
  itemIds: z.array(identifierSchema),
})

/** The artefact of neighbour lists: `starts`, `neighbours` and `similarities` behind a header with the item ids. */
export function encodeItemToItem(algorithm: string, lists: NeighbourLists): Uint8Array {
  const header: z.infer<typeof headerSchema> = {
    format: ITEM_TO_ITEM_FORMAT,
    version: FORMAT_VERSION,
    algorithm,
    neighbourCount: lists.neighbours.length,
    itemIds: [...lists.itemIds],
  }
  return writeArtefact(header, [lists.starts, lists.neighbours, lists.similarities])
}

/** @throws ArtefactError that names the first thing which is not as `encodeItemToItem` writes it */
export function decodeItemToItem(container: ArtefactContainer): RecommendationModel {
  const parsed = headerSchema.safeParse(container.header)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ArtefactError(`its header is wrong at ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { algorithm, neighbourCount, itemIds } = parsed.data
  if (new Set(itemIds).size !== itemIds.length) throw new ArtefactError('it holds an item id twice')
  const reader = createArrayReader(container.body)
  const lists = {
    itemIds,
    starts: reader.uint32(itemIds.length + 1),
    neighbours: reader.uint32(neighbourCount),
    similarities: reader.float32(neighbourCount),
  }
  reader.end()
  checkLists(lists)
  return createItemToItemModel(algorithm, lists)
}

function checkLists({ itemIds, starts, neighbours, similarities }: NeighbourLists): void {
  if (starts[0] !== 0 || starts.at(-1) !== neighbours.length) {
    throw new ArtefactError('its lists do not cover its neighbours')
  }
  for (let item = 0; item < itemIds.length; item++) {
    if ((starts[item] ?? 0) > (starts[item + 1] ?? 0))
      throw new ArtefactError(`list ${item} ends before it starts`)
  }
  for (const neighbour of neighbours) {
    if (neighbour >= itemIds.length) throw new ArtefactError(`neighbour ${neighbour} is no item of it`)
  }
  for (const similarity of similarities) {
    if (!(similarity > 0 && similarity <= 1))
      throw new ArtefactError(`similarity ${similarity} is not in (0, 1]`)
  }
}

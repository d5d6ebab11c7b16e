import { decodeItemToItem } from './item-to-item/artefact.ts'
import { ITEM_TO_ITEM_FORMAT } from './item-to-item/parameters.ts'
import { ArtefactError, readArtefact } from './model-artefact.ts'
import type { RecommendationModel } from './model-candidate.ts'

export type { HistoryItem, ModelCandidate, RecommendationModel } from './model-candidate.ts'

/**
 * The model that an artefact holds, by the format that its header names.
 * @throws ArtefactError for bytes that are no artefact, of an unknown format, or damaged
 */
export function decodeModel(artefact: Uint8Array): RecommendationModel {
  const container = readArtefact(artefact)
  if (container.format === ITEM_TO_ITEM_FORMAT) return decodeItemToItem(container)
  throw new ArtefactError(`its format "${container.format}" is not known to this version of the code`)
}

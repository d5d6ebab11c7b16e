import { ArtefactError } from './artefact/artefact-error.ts'
import { FACTORS, readFactors } from './artefact/factors.ts'
import { ITEM_NEIGHBOURS, readItemNeighbours } from './artefact/item-neighbours.ts'
import { parseDescription } from './artefact/model-description.ts'
import { readSafetensors } from './artefact/safetensors.ts'
import { createFactorsModel } from './ials/model.ts'
import { createItemToItemModel } from './item-to-item/model.ts'
import type { RecommendationModel } from './model-candidate.ts'

export type { HistoryItem, ModelCandidate, RecommendationModel } from './model-candidate.ts'

/**
 * The model that an artefact holds, by the kind that its metadata names. It keeps views into the artefact, which must
 * not change afterwards.
 * @throws ArtefactError for bytes that are no artefact, of an unknown kind, or damaged
 */
export function decodeModel(artefact: Uint8Array): RecommendationModel {
  const file = readSafetensors(artefact)
  const { kind, algorithm } = parseDescription(file.metadata)
  if (kind === ITEM_NEIGHBOURS) return createItemToItemModel(algorithm, readItemNeighbours(file))
  if (kind === FACTORS) return createFactorsModel(algorithm, readFactors(file))
  throw new ArtefactError(`its kind "${kind}" is not known to this version of the code`)
}

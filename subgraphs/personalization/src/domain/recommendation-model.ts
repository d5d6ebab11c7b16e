import { hash } from 'node:crypto'
import { ArtefactError } from './artefact/artefact-error.ts'
import { FACTORS, readFactors } from './artefact/factors.ts'
import { ITEM_NEIGHBOURS, readItemNeighbours } from './artefact/item-neighbours.ts'
import { parseDescription } from './artefact/model-description.ts'
import { readSafetensors } from './artefact/safetensors.ts'
import { createFactorsModel, type FactorsModelParts } from './ials/model.ts'
import type { ItemIndex } from './item-index.ts'
import { createItemToItemModel } from './item-to-item/model.ts'
import type { NeighbourLists } from './item-to-item/train.ts'
import type { RecommendationModel } from './model-candidate.ts'

export type { HistoryItem, IsEligible, ModelCandidate, RecommendationModel } from './model-candidate.ts'

/** What an artefact holds: plain data, with views into the artefact, which must not change afterwards. */
export type ModelContent =
  | { readonly kind: typeof ITEM_NEIGHBOURS; readonly algorithm: string; readonly parts: NeighbourLists }
  | { readonly kind: typeof FACTORS; readonly algorithm: string; readonly parts: FactorsModelParts }

/**
 * Checks everything that docs/model-artefacts.md says of the kind which the metadata names.
 * @throws ArtefactError for bytes that are no artefact, of an unknown kind, or damaged
 */
function readModel(artefact: Uint8Array): ModelContent {
  const file = readSafetensors(artefact)
  const { kind, algorithm } = parseDescription(file.metadata)
  if (kind === ITEM_NEIGHBOURS) return { kind, algorithm, parts: readItemNeighbours(file) }
  if (kind === FACTORS) return { kind, algorithm, parts: readFactors(file) }
  throw new ArtefactError(`its kind "${kind}" is not known to this version of the code`)
}

/** What a stored artefact holds, or what is wrong with it. @param sha256 as the registry has it */
export function readStoredModel(artefact: Uint8Array, sha256: string): ModelContent | string {
  const found = hash('sha256', artefact, 'hex')
  if (found !== sha256) return `the artefact's SHA-256 is ${found}, not ${sha256}`
  try {
    return readModel(artefact)
  } catch (error) {
    if (error instanceof ArtefactError) return error.message
    throw error
  }
}

/** @param index the content's own items, where they are indexed already */
export function createModel(content: ModelContent, index?: ItemIndex): RecommendationModel {
  return content.kind === ITEM_NEIGHBOURS
    ? createItemToItemModel(content.algorithm, content.parts, index)
    : createFactorsModel(content.algorithm, content.parts, index)
}

/** The model that an artefact holds. @throws ArtefactError as `readModel` */
export function decodeModel(artefact: Uint8Array): RecommendationModel {
  return createModel(readModel(artefact))
}

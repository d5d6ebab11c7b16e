import { readItemIds } from './item-ids.ts'
import { type ModelDescription, parseDescription } from './model-description.ts'
import { readSafetensors } from './safetensors.ts'

/**
 * What artefacts of every kind say: the description, and the ids of the items that the model knows.
 * @throws ArtefactError for bytes that are no artefact
 */
export function describeArtefact(
  artefact: Uint8Array,
): ModelDescription & { readonly itemIds: readonly string[] } {
  const file = readSafetensors(artefact)
  return { ...parseDescription(file.metadata), itemIds: readItemIds(file) }
}

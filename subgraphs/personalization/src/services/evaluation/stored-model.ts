import type { PersonalizationStore } from '../../datastore/port.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { createModel, type RecommendationModel, readStoredModel } from '../../domain/recommendation-model.ts'
import { EvaluationRefusedError } from './evaluation-refused-error.ts'

/** The model of a stored version. @throws EvaluationRefusedError (BROKEN_ARTEFACT) */
export async function readVersion(
  store: Pick<PersonalizationStore, 'modelArtefact'>,
  { id, artefactHash }: ModelVersion,
): Promise<RecommendationModel> {
  const artefact = await store.modelArtefact(id)
  const content = artefact === null ? 'the datastore has none' : readStoredModel(artefact, artefactHash)
  if (typeof content !== 'string') return createModel(content)
  throw new EvaluationRefusedError(
    'BROKEN_ARTEFACT',
    `the artefact of ${id} cannot be read: ${content}; train again`,
  )
}

import { createModel, readStoredModel } from '../../domain/recommendation-model.ts'
import { answerShadow } from './shadow-thread.ts'

/** The thread of `shadow-runner.ts`. */
answerShadow((artefact, sha256) => {
  const content = readStoredModel(artefact, sha256)
  return typeof content === 'string' ? content : createModel(content)
})

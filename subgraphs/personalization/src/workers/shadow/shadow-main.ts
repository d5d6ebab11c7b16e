import { createModel, readStoredModel } from '../../domain/recommendation-model.ts'
import { clusteredContent } from '../model-reading/clustered-content.ts'
import { answerShadow } from './shadow-thread.ts'

/** The thread of `shadow-runner.ts`. */
answerShadow(async (artefact, sha256) => {
  const content = readStoredModel(artefact, sha256)
  // Whoever has no more use for the thread ends it, whatever it is doing.
  return typeof content === 'string' ? content : createModel(await clusteredContent(content, () => undefined))
})

import { answerCalls } from '@bulkhead/threads/answer-calls'
import { handOver } from '@bulkhead/threads/hand-over'
import { readStoredModel } from '../../domain/recommendation-model.ts'
import { clusteredContent } from './clustered-content.ts'
import { buffersOf, packContent } from './model-content.ts'
import type { ModelReading } from './model-reader.ts'

/** The thread of `model-reader.ts`. */
answerCalls((): ModelReading => {
  let closing = false

  /** A process that ends does not wait for a large model. */
  function goOn(): void {
    if (closing) throw new Error('models are no longer read')
  }

  return {
    async read(artefact, sha256) {
      const content = readStoredModel(artefact, sha256)
      if (typeof content === 'string') return content
      const packed = packContent(await clusteredContent(content, goOn))
      return handOver(packed, buffersOf(packed))
    },
    async close() {
      closing = true
    },
  }
})

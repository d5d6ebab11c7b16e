import { answerCalls } from '@bulkhead/threads/answer-calls'
import { handOver } from '@bulkhead/threads/hand-over'
import { readStoredModel } from '../../domain/recommendation-model.ts'
import { buffersOf, packContent } from './model-content.ts'
import type { ModelReading } from './model-reader.ts'

/** The thread of `model-reader.ts`. */
answerCalls(
  (): ModelReading => ({
    async read(artefact, sha256) {
      const content = readStoredModel(artefact, sha256)
      if (typeof content === 'string') return content
      const packed = packContent(content)
      return handOver(packed, buffersOf(packed))
    },
    async close() {},
  }),
)

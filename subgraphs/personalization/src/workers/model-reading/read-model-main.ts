import { setImmediate as nextTurn } from 'node:timers/promises'
import { answerCalls } from '@bulkhead/threads/answer-calls'
import { handOver } from '@bulkhead/threads/hand-over'
import { CLUSTERED_FROM, clusterFactors } from '../../domain/ials/cluster-factors.ts'
import { type ModelContent, readStoredModel } from '../../domain/recommendation-model.ts'
import { buffersOf, packContent } from './model-content.ts'
import type { ModelReading } from './model-reader.ts'

/** The thread of `model-reader.ts`. */
answerCalls((): ModelReading => {
  let closing = false

  /** Large factors are put in groups, which takes seconds: a process that ends does not wait for it. */
  async function clustered(content: ModelContent): Promise<ModelContent> {
    if (content.kind !== 'factors' || content.parts.factors.itemIds.length < CLUSTERED_FROM) return content
    const steps = clusterFactors(content.parts)
    let step = steps.next()
    while (!step.done) {
      await nextTurn()
      if (closing) throw new Error('models are no longer read')
      step = steps.next()
    }
    return { ...content, parts: step.value }
  }

  return {
    async read(artefact, sha256) {
      const content = readStoredModel(artefact, sha256)
      if (typeof content === 'string') return content
      const packed = packContent(await clustered(content))
      return handOver(packed, buffersOf(packed))
    },
    async close() {
      closing = true
    },
  }
})

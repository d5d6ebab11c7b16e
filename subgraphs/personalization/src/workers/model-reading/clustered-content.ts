import { setImmediate as nextTurn } from 'node:timers/promises'
import { CLUSTERED_FROM, clusterFactors } from '../../domain/ials/cluster-factors.ts'
import type { ModelContent } from '../../domain/recommendation-model.ts'

/**
 * As models serve: large factors are put in groups, which takes seconds. A model in shadow is made the same way, since its
 * lists and its latency have to be those that it would have in production.
 * @param goOn is asked between pieces of work, and throws to end it
 */
export async function clusteredContent(content: ModelContent, goOn: () => void): Promise<ModelContent> {
  if (content.kind !== 'factors' || content.parts.factors.itemIds.length < CLUSTERED_FROM) return content
  const steps = clusterFactors(content.parts)
  let step = steps.next()
  while (!step.done) {
    await nextTurn()
    goOn()
    step = steps.next()
  }
  return { ...content, parts: step.value }
}

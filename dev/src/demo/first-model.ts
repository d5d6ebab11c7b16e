import {
  listBootstrapDecisions,
  recordBootstrapDecision,
  reviewBootstrapDecision,
} from '@bulkhead/experimentation/api/bootstrap-decisions'
import { promoteModel } from '@bulkhead/personalization/api/model-path'
import { ApiError } from '@bulkhead/service/api/api-client'
import { AUTHOR, type DemoClients, REVIEWER } from './clients.ts'
import { fetchSlate } from './listeners.ts'
import { findVersion, promoteWhenReady } from './versions.ts'
import { waitFor } from './wait.ts'

/** As personalization's `demo` command registers it, with its evaluation. */
const FIRST_MODEL = 'item-to-item-v1'
const OWNER = 'demo'
const RATIONALE = 'Better than what is popular on what the listeners chose after its training.'
/** Of a listener whom it knows. */
const LISTENER = 'u1'

/**
 * Leads the demo's first model into production, by a decision of two people, from wherever an earlier start has left it.
 * @returns what to say; null where there is nothing to do
 * @throws ApiError, Error
 */
export async function bootstrapFirstModel(
  { author, reviewer, listeners }: DemoClients,
  signal: AbortSignal,
): Promise<string | null> {
  const id = FIRST_MODEL
  const version = await findVersion(author, id)
  if (version?.owner !== OWNER) return null
  if (version.stage === 'REGISTERED') {
    await promoteModel(author, { id, to: 'EVALUATED', reason: RATIONALE })
  } else if (version.stage !== 'EVALUATED') return null

  let decision = (await listBootstrapDecisions(author)).find((one) => one.modelVersionId === id)
  decision ??= await waitFor(
    'experimentation knows that the first model is evaluated',
    async () => {
      try {
        const evaluationHash = version.evaluation?.hash ?? null
        return await recordBootstrapDecision(author, {
          modelVersionId: id,
          evaluationHash,
          rationale: RATIONALE,
        })
      } catch (error) {
        if (error instanceof ApiError && error.message.startsWith('MODEL_NOT_EVALUATED')) return null
        throw error
      }
    },
    { signal },
  )
  if (decision.status === 'IN_REVIEW') {
    const review = {
      modelVersionId: id,
      revision: decision.revision,
      approved: true,
      comment: 'As measured.',
    }
    await reviewBootstrapDecision(reviewer, review)
  }
  await promoteWhenReady(author, { id, to: 'PRODUCTION', reason: 'decided by two people' }, signal)
  await waitFor(
    'the first model serves',
    async () => ((await fetchSlate(listeners, LISTENER)).servedBy.rung === 'MODEL' ? true : null),
    { signal },
  )
  return `${id} is the first model in production: better than what is popular, decided by ${AUTHOR}, reviewed by ${REVIEWER}`
}

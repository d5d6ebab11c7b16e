import { createSlateId, SLATE_ID_RANDOM_BYTES } from '@bulkhead/contracts'
import type { Slate } from '../slate.ts'
import { slateExposureContext } from './assignment/slate-assignments.ts'
import type { Serving } from './pipeline.ts'
import type { RecommendationRequest } from './query.ts'

/**
 * The slate that the pipeline decided on, under a new id.
 * @param options.now epoch milliseconds
 * @param options.random for the id
 * @param options.producer the process that serves it
 * @throws RangeError where the exposure context cannot hold the assignments
 */
export function assembleSlate(
  { userId, surface, attributes }: RecommendationRequest,
  { items, served, sources, modelShare, modelVersionId, policy, snapshotVersion, assignments }: Serving,
  options: {
    readonly now: number
    readonly random: { bytes(n: number): Uint8Array }
    readonly producer: string
  },
): Slate {
  const exposureContext = slateExposureContext(snapshotVersion, assignments)
  const { now, random, producer } = options
  return {
    id: createSlateId({ unit: userId, now, random: random.bytes(SLATE_ID_RANDOM_BYTES) }),
    userId,
    surface,
    createdAt: now,
    items,
    servedBy: { rung: served.rung, cause: served.cause, sources, modelShare },
    modelVersionId,
    snapshotVersion,
    attributes,
    assignments,
    exposureContext,
    policy,
    producer,
  }
}

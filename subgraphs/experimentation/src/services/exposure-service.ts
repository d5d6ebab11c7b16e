import { decodeExposureContext, exposureEventId, readSlateId } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { ExposureRecord } from '../datastore/port.ts'
import { type ExposureState, exposureState } from '../domain/exposure-status.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'

/** One assignment of a slate, and the state of its exposure. */
export type Exposure = {
  readonly experimentKey: string
  readonly variantKey: string
  readonly unit: string
  readonly applied: boolean
  readonly snapshotVersion: number
  readonly state: ExposureState
}

export type ExposureService = {
  /**
   * The exposures of a slate, from its exposure context and the stored events.
   * @param loadRecords a loader of the request, so that many slates share one round trip
   * @throws ServiceError INVALID_EXPOSURE_CONTEXT
   */
  exposuresOf(
    slate: { readonly id: string; readonly exposureContext: string },
    loadRecords: (eventIds: readonly string[]) => Promise<readonly (ExposureRecord | null)[]>,
  ): Promise<readonly Exposure[]>
}

/** @param options.eventMaxAgeMs how long after a slate its events are still accepted */
export function createExposureService(options: {
  readonly clock: Clock
  readonly eventMaxAgeMs: number
}): ExposureService {
  const { clock, eventMaxAgeMs } = options
  return {
    async exposuresOf(slate, loadRecords) {
      const reading = decodeExposureContext(slate.exposureContext)
      if (reading.type === 'refused') throw invalidContext(reading.message)
      const { snapshotVersion, assignments } = reading.context
      if (assignments.length === 0) return []
      if (snapshotVersion === null)
        throw invalidContext('the exposure context has assignments without a snapshot version')

      const eventIds = assignments.map(({ experimentKey }) => exposureEventId(slate.id, experimentKey))
      const records = await loadRecords(eventIds)
      const createdAt = readSlateId(slate.id)?.createdAt ?? null
      const limits = { now: clock.now(), maxAgeMs: eventMaxAgeMs }
      return assignments.map(({ experimentKey, variantKey, unit, applied }, index) => ({
        experimentKey,
        variantKey,
        unit,
        applied,
        snapshotVersion,
        state: exposureState(records[index] ?? null, { createdAt }, limits),
      }))
    },
  }
}

function invalidContext(problem: string) {
  return serviceError(
    EXPERIMENTATION_ERRORS.INVALID_EXPOSURE_CONTEXT,
    `The exposures cannot be read: ${problem}.`,
  )
}

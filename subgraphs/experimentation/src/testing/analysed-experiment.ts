import type { JsonObject } from '@bulkhead/contracts'
import type { ExperimentationStore, IncomingEvent } from '../datastore/port.ts'
import { positionAll } from '../datastore/testing/position-checks.ts'
import { type AnalysisPlan, EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import {
  DAY,
  HOUR,
  NOON,
  sampleExposure,
  sampleIncoming,
  sampleInteraction,
  sampleSlateId,
} from './samples.ts'
import { startExperiment, startTestReplica } from './test-app.ts'

/** When the windows of every unit of `storeAnalysedExperiment` are over. */
export const ANALYSED_AT = NOON + 3 * DAY
export const ANALYSED_KEY = 'radio-mix'
const UNITS = 40

/**
 * Starts an experiment at noon, with a metric as its success and its guardrail, and stores 40 exposures and a play of
 * each unit; those of the treatment are played longer. Every other pair of units names the country `de`.
 */
export async function storeAnalysedExperiment(
  store: ExperimentationStore,
  plan: Partial<AnalysisPlan> = {},
): Promise<void> {
  const replica = await startTestReplica(store)
  await replica.definitions.define(
    { key: 'plays', name: 'Plays', kind: 'MEAN', event: 'PLAY', windowHours: 24, lowerIsBetter: false },
    'ana',
  )
  await startExperiment(replica, {
    key: ANALYSED_KEY,
    surfaces: ['radio'],
    metrics: [
      { metricKey: 'plays', role: 'SUCCESS' },
      { metricKey: 'plays', role: 'GUARDRAIL', margin: 0.01 },
    ],
    plan: { ...EMPTY_PLAN, plannedSampleSize: UNITS, ...plan },
  })
  const units = Array.from({ length: UNITS }, (_, index) => index)
  await storeEvents(store, [
    ...units.map((index) =>
      analysedExposure(
        `u${index}`,
        index % 2 === 0 ? 'control' : 'treatment',
        index % 4 < 2 ? { country: 'de' } : null,
      ),
    ),
    ...units.map((index) => analysedPlay(`u${index}`, 1 + (index % 7) + (index % 2) * 2)),
  ])
}

export async function storeEvents(
  store: ExperimentationStore,
  events: readonly IncomingEvent[],
): Promise<void> {
  await store.ingest(events)
  await positionAll(store)
}

export function analysedExposure(
  unit: string,
  variantKey: string,
  attributes: JsonObject | null = null,
): IncomingEvent {
  const occurredAt = new Date(NOON + HOUR).toISOString()
  const slateId = sampleSlateId(Number(unit.slice(1)), unit)
  return sampleIncoming(
    sampleExposure({
      ...{ experimentKey: ANALYSED_KEY, surface: 'radio', unit, variantKey, slateId, attributes, occurredAt },
    }),
    NOON + HOUR,
  )
}

export function analysedPlay(unit: string, value: number, hours = 2): IncomingEvent {
  const occurredAt = new Date(NOON + hours * HOUR).toISOString()
  const event = sampleInteraction({ eventId: `play-${unit}-${hours}`, type: 'PLAY', unit, value, occurredAt })
  return sampleIncoming(event, NOON + hours * HOUR)
}

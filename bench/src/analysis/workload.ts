import type { PositionedEvent } from '@bulkhead/experimentation/datastore/port'
import type { MetricDefinition } from '@bulkhead/experimentation/domain/plan/metric'
import type { SumsQuery } from '@bulkhead/experimentation/read-model/port'
import { sampleMetric } from '@bulkhead/experimentation/testing/sample-metrics'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
export const STARTED_AT = Date.UTC(2026, 0, 5)
const DAYS = 14
const TYPES = ['PLAY', 'SKIP', 'SAVE', 'SEARCH', 'SHARE'] as const
const VARIANTS = ['control', 'treatment'] as const

export type Size = { readonly units: number; readonly interactionsPerUnit: number }

/** A number that looks random and is the same in each run: 0 up to `below`. */
function scattered(seed: number, below: number): number {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
  return ((mixed ^ (mixed >>> 16)) >>> 0) % below
}

/**
 * The events with the positions `from` … `from + count - 1`. In each group one is the exposure of a unit, and the others
 * are what the unit does from two days before it to twelve days after it.
 */
export function eventsFrom(from: number, count: number, { interactionsPerUnit }: Size): PositionedEvent[] {
  const group = interactionsPerUnit + 1
  return Array.from({ length: count }, (_, index): PositionedEvent => {
    const position = from + index
    const number = Math.floor((position - 1) / group)
    const place = (position - 1) % group
    const unit = `user-${number}`
    const exposedAt = STARTED_AT + scattered(number, DAYS * DAY_MS)
    const stored = { producer: 'bench', recordedAt: STARTED_AT + 30 * DAY_MS, position }
    if (place === 0) {
      return {
        ...stored,
        event: {
          kind: 'exposure',
          eventId: `exposure-${number}`,
          experimentKey: 'bench',
          experimentVersion: 1,
          variantKey: VARIANTS[scattered(number + 7, 2)] ?? VARIANTS[0],
          unit,
          surface: 'home',
          applied: true,
          forced: false,
          snapshotVersion: 1,
          slateId: `slate-${number}`,
          modelVersionId: null,
          rung: 'MODEL',
          attributes: null,
          occurredAt: new Date(exposedAt).toISOString(),
        },
      }
    }
    const after = scattered(position, 14 * DAY_MS) - 2 * DAY_MS
    return {
      ...stored,
      event: {
        kind: 'interaction',
        eventId: `interaction-${position}`,
        type: TYPES[scattered(position + 3, TYPES.length)] ?? TYPES[0],
        unit,
        itemId: 'track',
        slateId: null,
        value: BigInt(scattered(position + 11, 300)) * 1_000_000n,
        occurredAt: new Date(exposedAt + after).toISOString(),
      },
    }
  })
}

/** One look at five metrics, one of each kind, with CUPED and a cap at a percentile. */
export function lookAt(asOf: number): SumsQuery {
  const metric = (key: string, event: string, changes: Partial<MetricDefinition>) =>
    sampleMetric({ key, event, kind: 'MEAN', windowHours: 168, ...changes })
  return {
    experimentKey: 'bench',
    version: 1,
    variantKeys: VARIANTS,
    intervals: [{ from: STARTED_AT, to: null }],
    excludedUnits: [],
    cutoff: STARTED_AT + 30 * DAY_MS,
    asOf,
    metrics: [
      metric('seconds', 'PLAY', { capPercentile: 0.99 }),
      metric('skips', 'SKIP', { kind: 'COUNT' }),
      metric('saved', 'SAVE', { kind: 'PROPORTION' }),
      metric('seconds-a-search', 'PLAY', { kind: 'RATIO', denominatorEvent: 'SEARCH' }),
      metric('median-share', 'SHARE', { kind: 'QUANTILE', quantile: 0.5 }),
    ],
    covariateWindowMs: 14 * DAY_MS,
    segment: null,
  }
}

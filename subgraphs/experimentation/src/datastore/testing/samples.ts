import {
  type AssignmentSnapshot,
  type ExposureEvent,
  exposureEventId,
  type HeartbeatEvent,
  type IngestEvent,
  type InteractionEvent,
} from '@bulkhead/contracts'
import type { Experiment } from '../../domain/experiment.ts'
import type { IncomingEvent } from '../port.ts'

/** 2026-01-05T00:00:00.000Z, a Monday. */
export const MONDAY = Date.UTC(2026, 0, 5)
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export function sampleExperiment(changes: Partial<Experiment> & Pick<Experiment, 'key'>): Experiment {
  return {
    name: `Experiment ${changes.key}`,
    hypothesis: 'More music is played.',
    owner: 'ana@example.com',
    status: 'DRAFT',
    revision: 1,
    version: 1,
    unitType: 'userId',
    surfaces: ['home'],
    coverage: 1,
    exposureTrigger: 'SERVE',
    variants: [
      { key: 'control', name: 'Control', weight: 0.5, payload: null, isControl: true },
      {
        key: 'treatment',
        name: 'Treatment',
        weight: 0.5,
        payload: { diversity: { maxPerCreator: 2 } },
        isControl: false,
      },
    ],
    createdAt: MONDAY,
    startedAt: null,
    stoppedAt: null,
    history: [],
    ...changes,
  }
}

export function sampleSnapshot(version: number): AssignmentSnapshot {
  return {
    version,
    publishedAt: new Date(MONDAY + version * 1000).toISOString(),
    layers: [{ key: 'ranking' }],
    holdouts: [],
    experiments: [
      {
        key: 'mix',
        version: 1,
        status: 'RUNNING',
        unitType: 'userId',
        seed: 'mix:1',
        hashVersion: 2,
        surfaces: [],
        layer: { key: 'ranking', from: 0, to: 0.5 },
        coverage: 0.25,
        condition: null,
        forced: { 'qa-1': 'treatment' },
        trigger: 'SERVE',
        variants: [
          { key: 'control', weight: 0.5, payload: null },
          { key: 'treatment', weight: 0.5, payload: { exploration: { epsilon: 0.1 } } },
        ],
      },
    ],
    decisions: [],
    keyId: 'test',
    signature: 'c2lnbmF0dXJl',
  }
}

export function sampleExposure(changes: Partial<ExposureEvent> = {}): ExposureEvent {
  const { slateId = 'slate-1', experimentKey = 'mix' } = changes
  return {
    kind: 'exposure',
    eventId: exposureEventId(slateId, experimentKey),
    experimentKey,
    experimentVersion: 1,
    variantKey: 'treatment',
    unit: 'u1',
    surface: 'home',
    applied: true,
    forced: false,
    snapshotVersion: 1,
    slateId,
    modelVersionId: null,
    rung: 'MODEL',
    attributes: null,
    occurredAt: new Date(MONDAY).toISOString(),
    ...changes,
  }
}

export function sampleInteraction(changes: Partial<InteractionEvent> = {}): InteractionEvent {
  return {
    kind: 'interaction',
    eventId: 'interaction-1',
    type: 'PLAY',
    unit: 'u1',
    itemId: 'track-1',
    slateId: 'slate-1',
    value: 0.75,
    occurredAt: new Date(MONDAY + HOUR).toISOString(),
    ...changes,
  }
}

export function sampleHeartbeat(changes: Partial<HeartbeatEvent> = {}): HeartbeatEvent {
  return {
    kind: 'heartbeat',
    eventId: 'heartbeat-1',
    producer: 'personalization-1',
    sequence: 1,
    deliveredThrough: new Date(MONDAY + HOUR).toISOString(),
    served: [
      {
        experimentKey: 'mix',
        experimentVersion: 1,
        variantKey: 'control',
        surface: 'home',
        rung: 'MODEL',
        count: 3,
      },
    ],
    dropped: 0,
    occurredAt: new Date(MONDAY + HOUR).toISOString(),
    ...changes,
  }
}

/** As ingest hands it to the store; `recordedAt` in epoch milliseconds. */
export function incoming(event: IngestEvent, recordedAt = MONDAY + 2 * HOUR): IncomingEvent {
  return {
    event,
    producer: 'personalization-1',
    recordedAt,
    counted: event.kind === 'exposure',
  }
}

/** Exposures with ids `<writer>-<from>` … , distinct for distinct writers. */
export function numberedExposures(writer: string, from: number, count: number): IncomingEvent[] {
  return Array.from({ length: count }, (_, index) =>
    incoming(sampleExposure({ slateId: `${writer}-${from + index}`, unit: `${writer}-${from + index}` })),
  )
}

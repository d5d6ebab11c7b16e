import {
  createSlateId,
  type ExposureEvent,
  exposureEventId,
  type HeartbeatEvent,
  type InteractionEvent,
} from '@bulkhead/contracts'
import type { ExperimentDraft } from '../domain/validate-experiment.ts'

/** 2026-01-05T12:00:00.000Z */
export const NOON = Date.UTC(2026, 0, 5, 12)
export const DAY_MS = 86_400_000

export function draft(changes: Partial<ExperimentDraft> = {}): ExperimentDraft {
  return {
    key: 'mix',
    name: 'Mix',
    hypothesis: 'Another mix is played more.',
    owner: 'ana',
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
        payload: { sources: [{ name: 'popular', weight: 1 }] },
        isControl: false,
      },
    ],
    ...changes,
  }
}

/** A slate's id that differs with every number. */
export function slateId(number: number, unit = 'u1', now = NOON): string {
  const random = new Uint8Array(10)
  new DataView(random.buffer).setUint32(6, number)
  return createSlateId({ unit, now, random })
}

export function exposure(changes: Partial<ExposureEvent> = {}): ExposureEvent {
  const event: ExposureEvent = {
    kind: 'exposure',
    eventId: '',
    experimentKey: 'mix',
    experimentVersion: 1,
    variantKey: 'control',
    unit: 'u1',
    surface: 'home',
    applied: true,
    forced: false,
    snapshotVersion: 2,
    slateId: slateId(1),
    modelVersionId: null,
    rung: 'MODEL',
    attributes: null,
    occurredAt: new Date(NOON).toISOString(),
    ...changes,
  }
  return { ...event, eventId: changes.eventId ?? exposureEventId(event.slateId, event.experimentKey) }
}

export function interaction(changes: Partial<InteractionEvent> = {}): InteractionEvent {
  return {
    kind: 'interaction',
    eventId: 'interaction-1',
    type: 'CLICK',
    unit: 'u1',
    itemId: 't1',
    slateId: slateId(1),
    value: null,
    occurredAt: new Date(NOON).toISOString(),
    ...changes,
  }
}

export function heartbeat(changes: Partial<HeartbeatEvent> = {}): HeartbeatEvent {
  return {
    kind: 'heartbeat',
    eventId: 'heartbeat-1',
    producer: 'p1',
    sequence: 1,
    deliveredThrough: new Date(NOON).toISOString(),
    served: [],
    dropped: 0,
    occurredAt: new Date(NOON).toISOString(),
    ...changes,
  }
}

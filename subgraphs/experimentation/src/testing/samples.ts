import {
  type AssignmentSnapshot,
  createSlateId,
  type ExposureEvent,
  exposureEventId,
  type HeartbeatEvent,
  type IngestEvent,
  type InteractionEvent,
  type JsonObject,
  type ModelStageChangedEvent,
  modelStageEventId,
  type ServedEvent,
  servedEventId,
  type UnitErasedEvent,
} from '@bulkhead/contracts'
import type { IncomingEvent } from '../datastore/port.ts'
import type { Experiment, Variant } from '../domain/experiment.ts'
import { type AnalysisPlan, EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { toStoredEvent } from '../domain/stored-event.ts'
import { UNTARGETED } from '../domain/targeting/rules.ts'
import type { ExperimentDraft } from '../domain/validate-experiment.ts'

/** 2026-01-05T00:00:00.000Z, a Monday. */
export const MONDAY = Date.UTC(2026, 0, 5)
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const NOON = MONDAY + 12 * HOUR

/** With what a start needs. */
const SAMPLE_PLAN: AnalysisPlan = { ...EMPTY_PLAN, plannedSampleSize: 1_000 }

/** A control without a payload, and a treatment with this one. */
function sampleVariants(payload: JsonObject): Variant[] {
  return [
    { key: 'control', name: 'Control', weight: 0.5, payload: null, isControl: true },
    { key: 'treatment', name: 'Treatment', weight: 0.5, payload, isControl: false },
  ]
}

export function sampleDraft(overrides: Partial<ExperimentDraft> = {}): ExperimentDraft {
  return {
    key: 'mix',
    name: 'Mix',
    hypothesis: 'Another mix is played more.',
    owner: 'ana',
    unitType: 'userId',
    surfaces: ['home'],
    coverage: 1,
    exposureTrigger: 'SERVE',
    variants: sampleVariants({ sources: [{ name: 'popular', weight: 1 }] }),
    metrics: [],
    // It can be started.
    plan: (overrides.metrics ?? []).length > 0 ? SAMPLE_PLAN : { ...EMPTY_PLAN, noAnalysis: true },
    ...overrides,
  }
}

/** A slate id, another one for each number. */
export function sampleSlateId(number: number, unit = 'u1', now = NOON): string {
  const random = new Uint8Array(10)
  new DataView(random.buffer).setUint32(6, number)
  return createSlateId({ unit, now, random })
}

export function sampleExposure(overrides: Partial<ExposureEvent> = {}): ExposureEvent {
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
    slateId: sampleSlateId(1),
    modelVersionId: null,
    rung: 'MODEL',
    attributes: null,
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
  return { ...event, eventId: overrides.eventId ?? exposureEventId(event.slateId, event.experimentKey) }
}

export function sampleInteraction(overrides: Partial<InteractionEvent> = {}): InteractionEvent {
  return {
    kind: 'interaction',
    eventId: 'interaction-1',
    type: 'CLICK',
    unit: 'u1',
    itemId: 't1',
    slateId: sampleSlateId(1),
    value: null,
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
}

/** The unit of `sampleExposure` was served its variant. */
export function sampleServed(overrides: Partial<ServedEvent> = {}): ServedEvent {
  const event: ServedEvent = {
    kind: 'served',
    eventId: '',
    experimentKey: 'mix',
    experimentVersion: 1,
    variantKey: 'control',
    unit: 'u1',
    surface: 'home',
    forced: false,
    snapshotVersion: 2,
    rung: 'MODEL',
    producer: 'personalization-1',
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
  return { ...event, eventId: overrides.eventId ?? servedEventId(event) }
}

export function sampleStageChange(overrides: Partial<ModelStageChangedEvent> = {}): ModelStageChangedEvent {
  const event: ModelStageChangedEvent = {
    kind: 'modelStageChanged',
    eventId: '',
    modelVersionId: 'item-to-item-v1',
    model: 'item-to-item',
    artefactHash: 'ab'.repeat(32),
    change: 1,
    from: null,
    to: 'REGISTERED',
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
  return { ...event, eventId: overrides.eventId ?? modelStageEventId(event.modelVersionId, event.change) }
}

export function sampleErasure(overrides: Partial<UnitErasedEvent> = {}): UnitErasedEvent {
  return {
    kind: 'unitErased',
    eventId: 'erasure-1',
    unit: 'u1',
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
}

export function sampleHeartbeat(overrides: Partial<HeartbeatEvent> = {}): HeartbeatEvent {
  return {
    kind: 'heartbeat',
    eventId: 'heartbeat-1',
    producer: 'personalization-1',
    sequence: 1,
    deliveredThrough: new Date(NOON).toISOString(),
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
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
}

export function sampleExperiment(overrides: Partial<Experiment> & Pick<Experiment, 'key'>): Experiment {
  const variants = overrides.variants ?? sampleVariants({ diversity: { maxPerCreator: 2 } })
  const { startedAt = null } = overrides
  return {
    kind: 'STANDARD',
    holdbackOf: null,
    name: `Experiment ${overrides.key}`,
    hypothesis: 'More music is played.',
    owner: 'ana@example.com',
    status: 'DRAFT',
    revision: 1,
    version: 1,
    unitType: 'userId',
    surfaces: ['home'],
    ...UNTARGETED,
    coverage: 1,
    exposureTrigger: 'SERVE',
    variants,
    metrics: [{ metricKey: 'plays', metricVersion: 1, role: 'SUCCESS', margin: null }],
    plan: SAMPLE_PLAN,
    createdBy: 'ana',
    createdAt: MONDAY,
    authors: ['ana'],
    reviews: [],
    startQuorum: null,
    startedAt,
    stoppedAt: null,
    versions:
      startedAt === null
        ? []
        : [{ version: 1, since: startedAt, variants, ramp: [{ at: startedAt, coverage: 1 }] }],
    history: [],
    decision: null,
    ...overrides,
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

/** As ingest hands it to the store; `recordedAt` in epoch milliseconds. */
export function sampleIncoming(event: IngestEvent, recordedAt = NOON + HOUR): IncomingEvent {
  const stored = toStoredEvent(event)
  return {
    event: stored,
    occurredAt: Date.parse(stored.occurredAt),
    producer: 'personalization-1',
    recordedAt,
  }
}

/** Exposures with ids `<writer>-<from>` … , distinct for distinct writers. */
export function sampleExposures(writer: string, from: number, count: number): IncomingEvent[] {
  return Array.from({ length: count }, (_, index) =>
    sampleIncoming(
      sampleExposure({ slateId: `${writer}-${from + index}`, unit: `${writer}-${from + index}` }),
    ),
  )
}

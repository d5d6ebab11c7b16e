import { createSlateId, type ExposureEvent, SLATE_ID_RANDOM_BYTES } from '@bulkhead/contracts'
import type { Slate, SlateAssignment, SlateItem } from '../../domain/slate.ts'
import { NOON } from './time.ts'

export function sampleAssignment(overrides: Partial<SlateAssignment> = {}): SlateAssignment {
  return {
    experimentKey: 'ranking',
    experimentVersion: 1,
    variantKey: 'treatment',
    unit: 'u1',
    forced: false,
    applied: true,
    exposure: 'ON_SERVE',
    ...overrides,
  }
}

export function sampleExposure(eventId: string, overrides: Partial<ExposureEvent> = {}): ExposureEvent {
  return {
    kind: 'exposure',
    eventId,
    experimentKey: 'ranking',
    experimentVersion: 1,
    variantKey: 'treatment',
    unit: 'u1',
    surface: 'home',
    applied: true,
    forced: false,
    snapshotVersion: 7,
    slateId: 's1',
    modelVersionId: null,
    rung: 'MODEL',
    attributes: null,
    occurredAt: new Date(NOON).toISOString(),
    ...overrides,
  }
}

/** The items of a slate, first to last, as if they came from the popular ones. */
export function sampleSlateItems(...itemIds: string[]): SlateItem[] {
  return itemIds.map((itemId, rank) => ({
    itemId,
    score: 1 / (rank + 1),
    source: 'popular',
    propensity: 1,
    reason: { kind: 'POPULAR', itemId: null, text: 'Popular right now' },
  }))
}

/** One of a user, under an id as a serving process gives it. */
export function sampleSlateOf(userId: string, overrides: Partial<Slate> = {}): Slate {
  const id = createSlateId({ unit: userId, now: NOON, random: new Uint8Array(SLATE_ID_RANDOM_BYTES) })
  return sampleSlate(id, { userId, ...overrides })
}

export function sampleSlate(id: string, overrides: Partial<Slate> = {}): Slate {
  return {
    id,
    userId: 'u1',
    surface: 'home',
    createdAt: NOON,
    items: [
      {
        itemId: 'i1',
        score: 0.1 + 0.2,
        source: 'model',
        propensity: 1 / 3,
        reason: { kind: 'BECAUSE_OF_ITEM', itemId: 'i9', text: 'Because you played i9' },
      },
      { itemId: 'i2', score: 0, source: 'static', propensity: null, reason: null },
    ],
    servedBy: {
      rung: 'POPULAR',
      cause: 'COLD_START',
      sources: [
        { name: 'model', outcome: 'UNAVAILABLE', candidates: 0, items: 0 },
        { name: 'popular', outcome: 'ANSWERED', candidates: 200, items: 2 },
      ],
      modelShare: 0.5,
    },
    modelVersionId: null,
    snapshotVersion: 7,
    attributes: null,
    assignments: [sampleAssignment()],
    exposureContext: '1.W10',
    policy: { id: 'greedy', seed: 'seed', candidatesHash: 'hash', candidateWidth: 200 },
    producer: 'personalization-1',
    ...overrides,
  }
}

import { generateKeyPairSync } from 'node:crypto'
import {
  type AssignmentSnapshot,
  createSlateId,
  type ExposureEvent,
  encodeExposureContext,
  type InteractionEvent,
  signSnapshot,
  type UnsignedSnapshot,
} from '@bulkhead/contracts'
import { createMetrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import type { Interaction } from '../domain/interaction.ts'
import type { Item } from '../domain/item.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import type { Slate, SlateAssignment } from '../domain/slate.ts'

/** 2026-01-01T00:00:00.000Z */
export const T0 = 1_767_225_600_000

export type TestClock = { now(): number; advance(ms: number): void }

export function createTestClock(start = T0): TestClock {
  let now = start
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}

/** Always the same: `next()` is what a test of jitter asks for. */
export function fixedRandom(next = 0.5): Random {
  return { bytes: (n) => new Uint8Array(n).fill(7), next: () => next }
}

export function testMetrics() {
  return createMetrics({ service: 'test' })
}

/** The text of one metric, without its help: what an operator would read. */
export async function metricLines(metrics: ReturnType<typeof testMetrics>, name: string): Promise<string[]> {
  const text = await metrics.registry.getSingleMetricAsString(name)
  return text.split('\n').filter((line) => !line.startsWith('#') && line !== '')
}

export function item(id: string, overrides: Partial<Item> = {}): Item {
  return {
    id,
    title: `Title ${id}`,
    creator: null,
    categories: [],
    available: true,
    createdAt: T0,
    attributes: null,
    ...overrides,
  }
}

export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}

export function interaction(n: number, overrides: Partial<Interaction> = {}): Interaction {
  return {
    eventId: uuid(n),
    userId: 'u1',
    itemId: 'i1',
    type: 'PLAY',
    slateId: null,
    value: null,
    occurredAt: T0,
    ...overrides,
  }
}

export function interactionEvent(n: number, overrides: Partial<InteractionEvent> = {}): InteractionEvent {
  return {
    kind: 'interaction',
    eventId: uuid(n),
    type: 'PLAY',
    unit: 'u1',
    itemId: 'i1',
    slateId: null,
    value: null,
    occurredAt: new Date(T0).toISOString(),
    ...overrides,
  }
}

export function exposureEvent(overrides: Partial<ExposureEvent> = {}): ExposureEvent {
  return {
    kind: 'exposure',
    eventId: 'exposure-1',
    experimentKey: 'exp',
    experimentVersion: 1,
    variantKey: 'control',
    unit: 'u1',
    surface: 'home',
    applied: true,
    forced: false,
    snapshotVersion: 1,
    slateId: 'slate-1',
    modelVersionId: null,
    rung: 'POPULAR',
    attributes: null,
    occurredAt: new Date(T0).toISOString(),
    ...overrides,
  }
}

export function assignment(overrides: Partial<SlateAssignment> = {}): SlateAssignment {
  return {
    experimentKey: 'exp',
    experimentVersion: 1,
    variantKey: 'control',
    unit: 'u1',
    forced: false,
    applied: true,
    exposure: 'ON_SERVE',
    ...overrides,
  }
}

/** A slate of the given items. */
export function slate(itemIds: readonly string[], overrides: Partial<Slate> = {}): Slate {
  const userId = overrides.userId ?? 'u1'
  const random = new Uint8Array(10).fill(itemIds.length)
  return {
    id: createSlateId({ unit: userId, now: T0, random }),
    userId,
    surface: 'home',
    createdAt: T0,
    items: itemIds.map((itemId, rank) => ({
      itemId,
      score: 1 / (rank + 1),
      source: 'popular',
      propensity: 1,
      reason: { kind: 'POPULAR', itemId: null, text: 'Popular right now' },
    })),
    servedBy: { rung: 'POPULAR', cause: 'NO_MODEL' },
    modelVersionId: null,
    snapshotVersion: null,
    attributes: null,
    assignments: [],
    exposureContext: encodeExposureContext({ snapshotVersion: null, assignments: [] }),
    policy: { id: 'greedy-v1', seed: '00', candidatesHash: 'ff' },
    ...overrides,
  }
}

export function modelVersion(version: number, overrides: Partial<ModelVersion> = {}): ModelVersion {
  return {
    id: `item-to-item-v${version}`,
    model: 'item-to-item',
    version,
    algorithm: 'bm25-cosine',
    stage: 'RETIRED',
    owner: 'tests',
    createdAt: T0 + version,
    artefactHash: 'a'.repeat(64),
    trainingData: { fingerprint: 'b'.repeat(64), users: 1, items: 1, interactions: 1, cutoff: T0 },
    stageHistory: [{ from: null, to: 'REGISTERED', at: T0, by: 'tests', reason: 'a fixture' }],
    ...overrides,
  }
}

/** A publisher of snapshots with a key of its own. */
export function createPublisher(keyId = 'test-key') {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    publicKeys: new Map([[keyId, publicKey]]),
    publish(version: number, overrides: Partial<UnsignedSnapshot> = {}): AssignmentSnapshot {
      const unsigned: UnsignedSnapshot = {
        version,
        publishedAt: new Date(T0).toISOString(),
        layers: [],
        holdouts: [],
        experiments: [],
        decisions: [],
        ...overrides,
      }
      return signSnapshot(unsigned, { keyId, privateKey })
    },
  }
}

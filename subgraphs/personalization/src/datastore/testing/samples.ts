import type { ExposureEvent, InteractionEvent } from '@bulkhead/contracts'
import type { Interaction } from '../../domain/interaction.ts'
import type { Item } from '../../domain/item.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import type { Slate } from '../../domain/slate.ts'
import type { OutboxEntry, PersonalizationStore, RecordedInteraction } from '../port.ts'

/** Valid values for tests, each field of which a test may set. */

export const NOON = Date.UTC(2026, 0, 15, 12)

/** Keys and values that a careless adapter loses, changes or chokes on. */
export const HOSTILE_ATTRIBUTES = JSON.parse(
  `{ "$set": 1, "a.b": { "$where": [null, true, 1.5, -3e20] }, "": "empty", "__proto__": { "x": 1 },
     "nul": "a\\u0000b", "emoji": "\\ud83d\\ude00 é", "big": 9007199254740991, "constructor": [] }`,
)

export function sampleItem(id: string, fields: Partial<Item> = {}): Item {
  return {
    id,
    title: `Title of ${id}`,
    creator: 'Ada',
    categories: ['jazz'],
    available: true,
    createdAt: NOON,
    attributes: null,
    ...fields,
  }
}

export function sampleInteraction(eventId: string, fields: Partial<Interaction> = {}): Interaction {
  return {
    eventId,
    userId: 'u1',
    itemId: 'i1',
    type: 'PLAY',
    slateId: null,
    value: null,
    occurredAt: NOON,
    ...fields,
  }
}

/** An interaction with the event that tells experimentation of it. */
export function sampleRecord(eventId: string, fields: Partial<Interaction> = {}): RecordedInteraction {
  const interaction = sampleInteraction(eventId, fields)
  return { interaction, events: [interactionEvent(interaction)] }
}

export function interactionEvent(interaction: Interaction): InteractionEvent {
  const { eventId, type, userId, itemId, slateId, value, occurredAt } = interaction
  const instant = new Date(occurredAt).toISOString()
  return { kind: 'interaction', eventId, type, unit: userId, itemId, slateId, value, occurredAt: instant }
}

export function sampleExposure(eventId: string, fields: Partial<ExposureEvent> = {}): ExposureEvent {
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
    ...fields,
  }
}

export function sampleSlate(id: string, fields: Partial<Slate> = {}): Slate {
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
    servedBy: { rung: 'POPULAR', cause: 'COLD_START' },
    modelVersionId: null,
    snapshotVersion: 7,
    attributes: null,
    assignments: [
      {
        experimentKey: 'ranking',
        experimentVersion: 1,
        variantKey: 'treatment',
        unit: 'u1',
        forced: false,
        applied: true,
        exposure: 'ON_SERVE',
      },
    ],
    exposureContext: '1.W10',
    policy: { id: 'greedy', seed: 'seed', candidatesHash: 'hash' },
    ...fields,
  }
}

export function sampleVersion(id: string, fields: Partial<ModelVersion> = {}): ModelVersion {
  return {
    id,
    model: 'item-to-item',
    version: 1,
    algorithm: 'bm25-cosine',
    stage: 'REGISTERED',
    owner: 'ada',
    createdAt: NOON,
    artefactHash: 'hash',
    trainingData: { fingerprint: 'print', users: 3, items: 4, interactions: 12, cutoff: NOON - 1 },
    stageHistory: [{ from: null, to: 'REGISTERED', at: NOON, by: 'ada', reason: 'trained' }],
    ...fields,
  }
}

/** A version that was promoted as it was made. */
export function productionVersion(id: string, fields: Partial<ModelVersion> = {}): ModelVersion {
  const at = fields.createdAt ?? NOON
  const change = { from: null, to: 'PRODUCTION', at, by: 'ada', reason: 'demo' } as const
  return sampleVersion(id, { stage: 'PRODUCTION', stageHistory: [change], ...fields })
}

/** The user's newest interactions, newest first. */
export async function newestInteractions(
  store: Pick<PersonalizationStore, 'findInteractions'>,
  userId: string,
  limit: number,
): Promise<readonly Interaction[]> {
  return (await store.findInteractions({ userId, limit, after: null })).interactions
}

/** The ids of an owner's outbox entries, told by their events: entry ids are the adapter's own. */
export function eventIdsOf(entries: readonly OutboxEntry[]): readonly string[] {
  return entries.flatMap(({ events }) => events.map(({ eventId }) => eventId))
}

/** Delivers all that is due at `now`, and returns its entries. */
export async function deliverAll(store: PersonalizationStore, now: number): Promise<readonly OutboxEntry[]> {
  const delivered: OutboxEntry[] = []
  for (;;) {
    const { token, entries } = await store.claimOutbox({ now, leaseMs: 60_000, limit: 500 })
    if (entries.length === 0) return delivered
    await store.completeOutbox(
      token,
      entries.map(({ id }) => id),
    )
    delivered.push(...entries)
  }
}

/** The order that both datastores keep text in: that of its UTF-8 bytes, which is the order of code points. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

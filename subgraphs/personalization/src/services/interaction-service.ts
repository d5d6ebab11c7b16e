import { setImmediate } from 'node:timers/promises'
import type { ExposureEvent } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { Metrics } from '@bulkhead/service/metrics'
import type { PersonalizationStore, RecordedInteraction } from '../datastore/port.ts'
import {
  checkInteraction,
  type IncomingInteraction,
  type InteractionFault,
} from '../domain/check-interaction.ts'
import { exposureEvents } from '../domain/exposure-events.ts'
import { type Interaction, OPINION_TYPES, opinionOf } from '../domain/interaction.ts'
import { interactionEvent } from '../domain/interaction-event.ts'
import type { Item } from '../domain/item.ts'
import type { Slate } from '../domain/slate.ts'
import type { OutboxGate } from '../state/outbox-gate.ts'
import type { RememberedOpinions } from '../state/remembered-opinions.ts'
import type { ServedLedger } from '../state/served-ledger.ts'
import { inActiveTrace } from './events-in-trace.ts'
import type { ItemLookup } from './reader.ts'

/** Upper bound on interactions per call. */
export const MAX_INTERACTIONS_PER_CALL = 500

/** Slates per read. Parsing those of a whole call at once would hold up every other request. */
const SLATES_PER_READ = 20

/** One refusal. A null `index` means the whole call, a null `field` the whole interaction. */
export type InteractionRefusal = {
  readonly code: InteractionFault['code'] | 'UNKNOWN_ITEM' | 'OUTBOX_FULL' | 'INVALID_BATCH_SIZE'
  readonly index: number | null
  readonly field: keyof IncomingInteraction | null
}

type RecordingResult = {
  /** Number of interactions that are durable now, including those that were sent before or twice in this call. */
  readonly accepted: number
  readonly refusals: readonly InteractionRefusal[]
}

export type InteractionService = {
  /**
   * Stores the good ones of 1 to `MAX_INTERACTIONS_PER_CALL` interactions together with their events; durable when it
   * resolves. Idempotent by event id. Rejects with `DatastoreUnavailableError`; then nothing is acknowledged, and the
   * same call can be sent again.
   */
  recordInteractions(incoming: readonly IncomingInteraction[]): Promise<RecordingResult>
}

export function createInteractionService(options: {
  readonly store: Pick<PersonalizationStore, 'itemsByIds' | 'slatesByIds' | 'recordInteractions'>
  readonly index: ItemLookup
  readonly outboxGate: Pick<OutboxGate, 'isFull' | 'added'>
  readonly ledger: Pick<ServedLedger, 'begin'>
  readonly remembered: Pick<RememberedOpinions, 'remember'>
  readonly clock: Clock
  readonly metrics: Metrics
  /** Maximum age of interactions, and of slates whose impressions still count as exposures; milliseconds. */
  readonly maxAgeMs: number
}): InteractionService {
  const { store, index, outboxGate, ledger, remembered, clock, maxAgeMs } = options
  const outcomes = options.metrics.counter({
    name: 'bulkhead_interactions_total',
    help: 'Interactions received, by outcome: accepted, or the code of the refusal',
    labelNames: ['outcome'],
  })

  async function record(incoming: readonly IncomingInteraction[]): Promise<RecordingResult> {
    if (incoming.length === 0 || incoming.length > MAX_INTERACTIONS_PER_CALL) {
      return { accepted: 0, refusals: [{ code: 'INVALID_BATCH_SIZE', index: null, field: null }] }
    }
    if (outboxGate.isFull()) {
      const refusals = incoming.map((_, at) => ({ code: 'OUTBOX_FULL', index: at, field: null }) as const)
      return { accepted: 0, refusals }
    }

    const { good, refusals } = await check(incoming)
    // An event id that is repeated within the call is one event; the first of them counts.
    const unique = new Map<string, Interaction>()
    for (const interaction of good) {
      if (!unique.has(interaction.eventId)) unique.set(interaction.eventId, interaction)
    }
    if (unique.size > 0) await persist([...unique.values()])
    return { accepted: good.length, refusals }
  }

  /** Splits the call into the interactions to store and the refusals. */
  async function check(incoming: readonly IncomingInteraction[]) {
    const now = clock.now()
    const refusals: InteractionRefusal[] = []
    const wellFormed: { readonly index: number; readonly interaction: Interaction }[] = []
    for (const [at, one] of incoming.entries()) {
      const checked = checkInteraction(one, { now, maxAgeMs })
      if (checked.type === 'refused') refusals.push({ ...checked.fault, index: at })
      else wellFormed.push({ index: at, interaction: checked.interaction })
    }
    const known = await knownItems(wellFormed.map((entry) => entry.interaction.itemId))
    const good: Interaction[] = []
    for (const { index: at, interaction } of wellFormed) {
      const item = known.get(interaction.itemId)
      if (item === undefined) refusals.push({ code: 'UNKNOWN_ITEM', index: at, field: 'itemId' })
      else good.push(incoming[at]?.hideCreator === true ? hidingCreator(interaction, item) : interaction)
    }
    refusals.sort((a, b) => (a.index ?? 0) - (b.index ?? 0))
    return { good, refusals }
  }

  /** The index may be one refresh behind the catalogue, so only ids that it lacks are looked up in the datastore. */
  async function knownItems(itemIds: readonly string[]): Promise<ReadonlyMap<string, Item>> {
    const known = new Map<string, Item>()
    const missing = new Set<string>()
    for (const id of itemIds) {
      const item = index.itemById(id)
      if (item === undefined) missing.add(id)
      else known.set(id, item)
    }
    if (missing.size > 0) for (const item of await store.itemsByIds([...missing])) known.set(item.id, item)
    return known
  }

  async function persist(interactions: readonly Interaction[]): Promise<void> {
    const inFlight = ledger.begin(Math.min(...interactions.map((interaction) => interaction.occurredAt)))
    try {
      const exposures = await impressionExposures(interactions)
      const now = clock.now()
      const records = interactions.map((interaction): RecordedInteraction => {
        const events = [interactionEvent(interaction, now), ...(exposures.get(interaction) ?? [])]
        return { interaction, events: inActiveTrace(events) }
      })
      await store.recordInteractions(records)
      outboxGate.added(records.length)
      const opinions = interactions.filter(({ type }) => OPINION_TYPES.includes(type))
      for (const [userId, ofUser] of Map.groupBy(opinions, (opinion) => opinion.userId)) {
        remembered.remember(userId, ofUser.map(opinionOf))
      }
    } finally {
      inFlight.end()
    }
  }

  /** The slate's exposures are sent with its first impression in the call; sending them again would change nothing. */
  async function impressionExposures(
    interactions: readonly Interaction[],
  ): Promise<ReadonlyMap<Interaction, readonly ExposureEvent[]>> {
    const slateIds = new Set<string>()
    for (const { type, slateId } of interactions) {
      if (type === 'IMPRESSION' && slateId !== null) slateIds.add(slateId)
    }
    const exposures = new Map<Interaction, readonly ExposureEvent[]>()
    const oldest = clock.now() - maxAgeMs
    const unread = [...slateIds]
    while (unread.length > 0) {
      for (const slate of await store.slatesByIds(unread.splice(0, SLATES_PER_READ))) {
        const impression = interactions.find((one) => isImpressionOf(one, slate))
        if (impression === undefined || slate.createdAt < oldest) continue
        // Nobody sees a slate before it is served, so an earlier time means that the client's clock is behind.
        const occurredAt = Math.max(slate.createdAt, impression.occurredAt)
        exposures.set(impression, exposureEvents(slate, 'ON_IMPRESSION', occurredAt))
      }
      if (unread.length > 0) await setImmediate()
    }
    return exposures
  }

  return {
    async recordInteractions(incoming) {
      const result = await record(incoming)
      if (result.accepted > 0) outcomes.inc({ outcome: 'accepted' }, result.accepted)
      for (const refusal of result.refusals) outcomes.inc({ outcome: refusal.code })
      return result
    },
  }
}

/** An item without a creator is hidden alone. */
function hidingCreator(interaction: Interaction, { creator }: Item): Interaction {
  return creator === null ? interaction : { ...interaction, hiddenCreator: creator }
}

/** An impression that names someone else's slate exposes nobody. */
function isImpressionOf(interaction: Interaction, slate: Slate): boolean {
  const { type, slateId, userId } = interaction
  return type === 'IMPRESSION' && slateId === slate.id && userId === slate.userId
}

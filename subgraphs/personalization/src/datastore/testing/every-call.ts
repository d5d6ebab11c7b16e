import { erasureEvent, newErasure } from '../../domain/erasure.ts'
import { createShadowCounter } from '../../domain/shadow/shadow-counts.ts'
import { sampleCanaryPart } from '../../testing/samples/canary.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { sampleEvaluation } from '../../testing/samples/evaluations.ts'
import { sampleInteraction, sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { NOON } from '../../testing/samples/time.ts'
import type { PersonalizationStore } from '../port.ts'

const ROWS = 300
function names(prefix: string): readonly string[] {
  return Array.from({ length: ROWS }, (_, index) => `${prefix}-${index}`)
}

export const SOME_ITEMS = names('item')
export const SOME_SLATES = names('slate')

/** Enough rows that an answer in pieces, or a query without an index, shows. */
export async function fill(store: PersonalizationStore): Promise<void> {
  await store.upsertItems(SOME_ITEMS.map((id) => sampleItem(id, { categories: ['jazz'] })))
  await Promise.all(SOME_SLATES.map((id) => store.saveSlate(sampleSlate(id), [sampleExposure(`e-${id}`)])))
  await store.recordInteractions(names('event').map((id, at) => sampleRecord(id, { occurredAt: NOON + at })))
}

/** Every call that serving, the relay or a poll makes, once. */
export async function callEverything(store: PersonalizationStore): Promise<void> {
  const page = { userId: 'u1', limit: 50, after: null }
  await store.servingHistory('u1', { opinions: 200, used: 200, skipped: 200 })
  const { interactions } = await store.findInteractions(page)
  await store.findInteractions({ ...page, after: interactions[0] ?? null })
  await store.scanInteractions({ after: sampleInteraction('event-7'), limit: 50 })
  await store.itemsByIds(SOME_ITEMS)
  await store.findItems({ filter: { ids: SOME_ITEMS }, limit: 10, after: 'item-1' })
  await store.findItems({ filter: { categories: ['jazz'] }, limit: 10, after: null })
  await store.popularItems(50)
  await store.trendingItems(50)
  const through = await store.catalogueVersion()
  const changes = { through, limit: 10 }
  await store.catalogueChanges({ ...changes, after: { version: 0, itemId: null } })
  await store.catalogueChanges({ ...changes, after: { version: 1, itemId: 'item-1' } })
  await store.slatesByIds(SOME_SLATES)
  await store.modelVersionsByIds(['none'])
  await store.productionModelVersion()
  await store.modelArtefact('none')
  await store.formerProductionVersions(2)
  await store.addModelEvaluation('item-to-item-v1', sampleEvaluation())
  await store.modelEvaluations(['item-to-item-v1', 'none'])
  await store.addShadow('item-to-item-v1', {
    source: 'replica-1',
    championId: 'item-to-item-v0',
    counts: createShadowCounter().counts(),
  })
  await store.shadowOf(['item-to-item-v1', 'none'])
  await store.addCanary('item-to-item-v1', sampleCanaryPart())
  await store.canaryOf(['item-to-item-v1', 'none'])
  await store.lastSnapshot()
  const { token, entries } = await store.claimOutbox({ now: NOON, leaseMs: 1_000, limit: 200 })
  const ids = entries.map(({ id }) => id)
  await store.retryOutbox(token, ids.slice(0, 10), NOON)
  await store.completeOutbox(token, ids)
  await store.outboxState()
  await callErasureAndRetention(store)
}

async function callErasureAndRetention(store: PersonalizationStore): Promise<void> {
  const letter = { code: 'NO', message: 'no', at: NOON }
  await store.addDeadLetters(SOME_SLATES.map((id) => ({ ...letter, event: sampleExposure(`letter-${id}`) })))
  await store.listDeadLetters({ limit: 10, after: { at: NOON, eventId: 'letter-slate-1' } })
  await store.replayDeadLetters(['letter-slate-1', 'letter-slate-2'])
  const erasure = newErasure({ id: 'erasure-1', userId: 'u1', by: 'eve', at: NOON })
  await store.beginErasure(erasure, erasureEvent(erasure))
  await store.openErasures(10)
  await store.eraseSome({ erasureId: erasure.id, through: NOON + 10, limit: 10 })
  await store.finishErasure(erasure.id, NOON)
  await store.expireSlates({ before: NOON + 1, limit: 10 })
}

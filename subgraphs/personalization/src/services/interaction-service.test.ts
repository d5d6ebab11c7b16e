import { exposureEventId } from '@bulkhead/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { newestInteractions } from '../datastore/testing/store-contents.ts'
import type { IncomingInteraction } from '../domain/check-interaction.ts'
import type { Item } from '../domain/item.ts'
import type { Slate } from '../domain/slate.ts'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createRememberedOpinions } from '../state/remembered-opinions.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleUuid } from '../testing/samples/interactions.ts'
import { sampleAssignment, sampleSlate, sampleSlateItems } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { createTestMetrics, metricLines } from '../testing/test-metrics.ts'
import { createInteractionService, MAX_INTERACTIONS_PER_CALL } from './interaction-service.ts'

const MAX_AGE_MS = 7 * 86_400_000

let store: PersonalizationStore

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  await store.upsertItems([sampleItem('i1'), sampleItem('i2')])
})

afterEach(() => store.close())

function createService(
  overrides: { store?: Partial<PersonalizationStore>; index?: Item[]; limit?: number } = {},
) {
  const calls: string[] = []
  const observed = Object.fromEntries(
    (['itemsByIds', 'slatesByIds', 'recordInteractions'] as const).map((method) => [
      method,
      (argument: never) => {
        calls.push(method)
        return (overrides.store?.[method] ?? store[method])(argument)
      },
    ]),
  ) as Pick<PersonalizationStore, 'itemsByIds' | 'slatesByIds' | 'recordInteractions'>
  const gate = createOutboxGate({ limit: overrides.limit ?? 1_000 })
  const ledger = createServedLedger()
  const remembered = createRememberedOpinions()
  const metrics = createTestMetrics()
  const service = createInteractionService({
    store: observed,
    index: { itemById: (id) => overrides.index?.find((one) => one.id === id) },
    outboxGate: gate,
    ledger,
    remembered,
    metrics,
    clock: createTestClock(),
    maxAgeMs: MAX_AGE_MS,
  })
  return { service, gate, ledger, remembered, metrics, calls }
}

function incoming(n: number, overrides: Partial<IncomingInteraction> = {}): IncomingInteraction {
  return {
    eventId: sampleUuid(n),
    userId: 'u1',
    itemId: 'i1',
    type: 'PLAY',
    slateId: null,
    value: null,
    occurredAt: null,
    hideCreator: false,
    ...overrides,
  }
}

async function outboxEvents() {
  const { entries } = await store.claimOutbox({ now: NOON, leaseMs: 1, limit: 1_000 })
  return entries.flatMap((entry) => entry.events)
}

test('good interactions are stored with their events', async () => {
  const { service, gate } = createService()
  const result = await service.recordInteractions([
    incoming(1, { value: 0.5 }),
    incoming(2, { occurredAt: NOON - 60_000 }),
  ])
  expect(result).toEqual({ accepted: 2, refusals: [] })
  expect(await newestInteractions(store, 'u1', 10)).toMatchObject([
    { eventId: sampleUuid(1), value: 0.5, occurredAt: NOON },
    { eventId: sampleUuid(2), occurredAt: NOON - 60_000 },
  ])
  expect((await outboxEvents()).map((event) => event.eventId).toSorted()).toEqual([
    sampleUuid(1),
    sampleUuid(2),
  ])
  expect(gate.size()).toBe(2)
})

test('refused interactions come back one by one, and the good ones beside them are stored', async () => {
  const { service, metrics } = createService()
  const result = await service.recordInteractions([
    incoming(1, { itemId: 'nobody-knows' }),
    incoming(2),
    incoming(3, { userId: '' }),
  ])
  expect(result).toEqual({
    accepted: 1,
    refusals: [
      { code: 'UNKNOWN_ITEM', index: 0, field: 'itemId' },
      { code: 'INVALID_IDENTIFIER', index: 2, field: 'userId' },
    ],
  })
  expect(await newestInteractions(store, 'u1', 10)).toHaveLength(1)
  expect(await metricLines(metrics, 'bulkhead_interactions_total')).toEqual(
    expect.arrayContaining([
      'bulkhead_interactions_total{outcome="accepted",service="test"} 1',
      'bulkhead_interactions_total{outcome="UNKNOWN_ITEM",service="test"} 1',
    ]),
  )
})

test('repeated interactions count as accepted, within a call and across calls', async () => {
  const { service } = createService()
  const twice = await service.recordInteractions([incoming(1), incoming(1), incoming(2)])
  expect(twice.accepted).toBe(3)
  const again = await service.recordInteractions([incoming(2), incoming(3)])
  expect(again.accepted).toBe(2)
  expect(await newestInteractions(store, 'u1', 10)).toHaveLength(3)
  expect(await outboxEvents()).toHaveLength(3)
})

test.each([0, MAX_INTERACTIONS_PER_CALL + 1])(
  'a call with %i interactions gets one refusal',
  async (size) => {
    const { service, calls } = createService()
    const result = await service.recordInteractions(Array.from({ length: size }, (_, n) => incoming(n)))
    expect(result).toEqual({
      accepted: 0,
      refusals: [{ code: 'INVALID_BATCH_SIZE', index: null, field: null }],
    })
    expect(calls).toEqual([])
  },
)

test('with the outbox full everything is refused and nothing is stored', async () => {
  const { service, gate, calls } = createService({ limit: 1 })
  gate.added(1)
  const result = await service.recordInteractions([incoming(1), incoming(2)])
  expect(result).toEqual({
    accepted: 0,
    refusals: [
      { code: 'OUTBOX_FULL', index: 0, field: null },
      { code: 'OUTBOX_FULL', index: 1, field: null },
    ],
  })
  expect(calls).toEqual([])
})

test('items that the index knows cost no round trip, those that it lacks cost one', async () => {
  const indexed = createService({ index: [sampleItem('i1')] })
  await indexed.service.recordInteractions([incoming(1), incoming(2)])
  expect(indexed.calls).toEqual(['recordInteractions'])

  const lagging = createService({ index: [sampleItem('i1')] })
  const two = [incoming(3, { itemId: 'i2' }), incoming(4, { itemId: 'i2' }), incoming(5, { itemId: 'i3' })]
  expect((await lagging.service.recordInteractions(two)).accepted).toBe(2)
  expect(lagging.calls).toEqual(['itemsByIds', 'recordInteractions'])
})

test('the first impression of a slate carries the exposures that are due on impression', async () => {
  const shown = sampleSlate('s1', {
    items: sampleSlateItems('i1', 'i2'),
    createdAt: NOON - 10_000,
    snapshotVersion: 1,
    assignments: [
      sampleAssignment({ experimentKey: 'at-once' }),
      sampleAssignment({ experimentKey: 'when-seen', exposure: 'ON_IMPRESSION' }),
    ],
  })
  await store.saveSlate(shown, [])
  const { service, calls } = createService()
  const seen = { type: 'IMPRESSION', slateId: shown.id } as const
  await service.recordInteractions([
    incoming(1, { ...seen, occurredAt: NOON - 2_000 }),
    incoming(2, { ...seen, itemId: 'i2' }),
    incoming(3, { ...seen, type: 'PLAY' }),
  ])
  expect(calls).toEqual(['itemsByIds', 'slatesByIds', 'recordInteractions'])
  const exposures = (await outboxEvents()).filter((event) => event.kind === 'exposure')
  expect(exposures).toMatchObject([
    { eventId: exposureEventId(shown.id, 'when-seen'), occurredAt: new Date(NOON - 2_000).toISOString() },
  ])
})

/** A slate whose only exposure is due on impression. */
function shownSlate(overrides: Partial<Slate> = {}) {
  return sampleSlate('s1', {
    items: sampleSlateItems('i1'),
    snapshotVersion: 1,
    assignments: [sampleAssignment({ exposure: 'ON_IMPRESSION' })],
    ...overrides,
  })
}

async function exposuresOf(slates: readonly Slate[], occurredAt: number | null) {
  for (const one of slates) await store.saveSlate(one, [])
  const { service, calls } = createService({ index: [sampleItem('i1')] })
  const result = await service.recordInteractions(
    slates.map(({ id }, n) => incoming(n, { type: 'IMPRESSION', slateId: id, occurredAt })),
  )
  expect(result.accepted).toBe(slates.length)
  const exposures = (await outboxEvents()).filter((event) => event.kind === 'exposure')
  return { exposures, calls }
}

test('nobody is exposed to a slate before it was served, whatever the clock of the client says', async () => {
  const { exposures } = await exposuresOf([shownSlate({ createdAt: NOON - 1_000 })], NOON - 60_000)
  expect(exposures).toMatchObject([{ occurredAt: new Date(NOON - 1_000).toISOString() }])
})

test('an impression of a slate beyond the maximum age is an interaction, and no exposure', async () => {
  const { exposures } = await exposuresOf(
    [
      shownSlate({ id: 'of-age', createdAt: NOON - MAX_AGE_MS }),
      shownSlate({ id: 'too-old', createdAt: NOON - MAX_AGE_MS - 1 }),
    ],
    null,
  )
  expect(exposures).toMatchObject([{ slateId: 'of-age' }])
})

test('slates are loaded in small groups, and the event loop runs between two of them', async () => {
  const slates = Array.from({ length: 45 }, (_, n) => shownSlate({ id: `s${n}` }))
  let turns = 0
  let stopped = false
  const loaded: { readonly slates: number; readonly turns: number }[] = []
  const { slatesByIds } = store
  store = {
    ...store,
    slatesByIds(ids) {
      loaded.push({ slates: ids.length, turns })
      return slatesByIds(ids)
    },
  }
  function countTurn() {
    turns++
    if (!stopped) setImmediate(countTurn)
  }
  setImmediate(countTurn)
  const { exposures } = await exposuresOf(slates, null).finally(() => {
    stopped = true
  })
  expect(exposures).toHaveLength(45)
  expect(loaded.map((call) => call.slates)).toEqual([20, 20, 5])
  const [first, second, third] = loaded.map((call) => call.turns)
  expect(second).toBeGreaterThan(first ?? 0)
  expect(third).toBeGreaterThan(second ?? 0)
})

test("an impression that names another user's slate, or none that exists, exposes nobody", async () => {
  const theirs = sampleSlate('s1', {
    items: sampleSlateItems('i1'),
    userId: 'someone-else',
    snapshotVersion: 1,
    assignments: [sampleAssignment({ exposure: 'ON_IMPRESSION' })],
  })
  await store.saveSlate(theirs, [])
  const { service } = createService()
  const result = await service.recordInteractions([
    incoming(1, { type: 'IMPRESSION', slateId: theirs.id }),
    incoming(2, { type: 'IMPRESSION', slateId: 'never-served' }),
  ])
  expect(result.accepted).toBe(2)
  expect((await outboxEvents()).map((event) => event.kind)).toEqual(['interaction', 'interaction'])
})

test('a call is in flight while its slates are still being looked up', async () => {
  const lookup = Promise.withResolvers<readonly Slate[]>()
  const { service, ledger } = createService({ store: { slatesByIds: () => lookup.promise } })
  const recording = service.recordInteractions([incoming(1, { type: 'IMPRESSION', slateId: 's1' })])
  await expect.poll(() => ledger.oldestInFlight()).toBe(NOON)
  lookup.reject(new Error('gone'))
  await expect(recording).rejects.toThrow('gone')
  expect(ledger.oldestInFlight()).toBeNull()
})

test('a write that fails acknowledges nothing, and is in flight until it has failed', async () => {
  const writing = Promise.withResolvers<void>()
  const { service, ledger, gate } = createService({ store: { recordInteractions: () => writing.promise } })
  const recording = service.recordInteractions([incoming(1), incoming(2, { occurredAt: NOON - 500 })])
  await expect.poll(() => ledger.oldestInFlight()).toBe(NOON - 500)
  writing.reject(new Error('gone'))
  await expect(recording).rejects.toThrow('gone')
  expect(ledger.oldestInFlight()).toBeNull()
  expect(gate.size()).toBe(0)
})

test('a HIDE that asks for it hides the creator that the catalogue names, if there is one', async () => {
  await store.upsertItems([sampleItem('by-one', { creator: 'one' })])
  const { service, remembered } = createService()
  const { refusals } = await service.recordInteractions([
    incoming(1, { itemId: 'by-one', type: 'HIDE', hideCreator: true }),
    incoming(2, { itemId: 'i1', type: 'HIDE', hideCreator: true }),
    incoming(3, { itemId: 'by-one', type: 'PLAY', hideCreator: true }),
  ])
  expect(refusals).toEqual([{ code: 'INVALID_HIDE_CREATOR', index: 2, field: 'hideCreator' }])
  const stored = await newestInteractions(store, 'u1', 9)
  expect(stored.map(({ itemId, hiddenCreator }) => [itemId, hiddenCreator]).toSorted()).toEqual([
    ['by-one', 'one'],
    ['i1', undefined],
  ])
  expect([...remembered.of('u1')]).toEqual([
    { itemId: 'by-one', type: 'HIDE', occurredAt: NOON, hiddenCreator: 'one' },
    { itemId: 'i1', type: 'HIDE', occurredAt: NOON },
  ])
})

test('what could not be stored is not remembered', async () => {
  const recordInteractions = () => Promise.reject(new Error('no datastore'))
  const { service, remembered } = createService({ store: { recordInteractions } })
  await expect(service.recordInteractions([incoming(1, { type: 'HIDE' })])).rejects.toThrow('no datastore')
  expect(remembered.size()).toBe(0)
})

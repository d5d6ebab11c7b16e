import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { sampleRecord } from '../testing/samples/interactions.ts'
import { sampleSlateOf } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createErasureService, ERASURE_GRACE_MS } from './erasure-service.ts'

let store: PersonalizationStore
let now: number

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  now = NOON
})
afterEach(() => store.close())

const forgotten: string[] = []

function serviceOf(maxSteps = 20, over: Partial<PersonalizationStore> = {}) {
  let ids = 0
  forgotten.length = 0
  return createErasureService({
    store: { ...store, ...over },
    clock: { now: () => now },
    newId: () => `erasure-${++ids}`,
    maxSteps,
    forget: (userId) => forgotten.push(userId),
  })
}

async function listen(userId: string, count: number, occurredAt = NOON): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) =>
    sampleRecord(`${userId}-${occurredAt}-${at}`, { userId, occurredAt }),
  )
  await store.recordInteractions(rows)
}

async function interactionsOf(userId: string): Promise<number> {
  return (await store.findInteractions({ userId, limit: 500, after: null })).interactions.length
}

const signal = new AbortController().signal

test('an erasure counts what it took out, tells experimentation, and leaves an entry in the log', async () => {
  await listen('ann', 3)
  await store.saveSlate(sampleSlateOf('ann'), [])
  expect(await serviceOf().erase('ann', 'eve')).toEqual({
    type: 'erased',
    id: 'erasure-1',
    interactions: 3,
    slates: 1,
  })
  const { entries } = await store.claimOutbox({ now: NOON, leaseMs: 1, limit: 500 })
  expect(entries.flatMap(({ events }) => events).filter(({ kind }) => kind === 'unitErased')).toMatchObject([
    { unit: 'ann', occurredAt: new Date(NOON).toISOString() },
  ])
  expect(await store.erasureLog(5)).toMatchObject([
    { id: 'erasure-1', by: 'eve', at: NOON, finishedAt: null },
  ])
})

test('what one call leaves is erased by `carryOn`, also after the process was killed in the middle', async () => {
  await listen('ann', 450)
  let steps = 0
  const killed = serviceOf(20, {
    eraseSome(query) {
      if (++steps > 1) return Promise.reject(new Error('killed'))
      return store.eraseSome(query)
    },
  })
  await expect(killed.erase('ann', 'eve')).rejects.toThrow('killed')
  expect(await interactionsOf('ann')).toBe(250)
  expect(await serviceOf().carryOn(signal)).toMatchObject([{ userId: 'ann' }])
  expect(await interactionsOf('ann')).toBe(0)
  expect(await store.erasureLog(5)).toMatchObject([{ interactions: 450 }])
})

test('every process forgets what it remembers of the user, as long as the erasure is open', async () => {
  await serviceOf().erase('ann', 'eve')
  expect(forgotten).toEqual(['ann'])
  const another = serviceOf()
  await another.carryOn(signal)
  expect(forgotten).toEqual(['ann'])
  now += ERASURE_GRACE_MS
  await another.carryOn(signal)
  await another.carryOn(signal)
  expect(forgotten).toEqual(['ann', 'ann'])
})

test('one call takes no more steps than it may', async () => {
  await listen('ann', 450)
  expect(await serviceOf(1).erase('ann', 'eve')).toMatchObject({ interactions: 200 })
})

test('what was under way is erased too, before the user is forgotten; what comes afterwards stays', async () => {
  const service = serviceOf()
  await service.erase('ann', 'eve')
  await listen('ann', 2, NOON - 5)
  await listen('ann', 1, NOON + 1)
  now = NOON + ERASURE_GRACE_MS - 1
  expect(await service.carryOn(signal)).toHaveLength(1)
  expect(await interactionsOf('ann')).toBe(1)
  now += 1
  expect(await service.carryOn(signal)).toEqual([])
  expect(await store.erasureLog(5)).toMatchObject([{ userId: null, interactions: 2, finishedAt: now }])
  await listen('ann', 4, NOON + 2)
  await service.carryOn(signal)
  expect(await interactionsOf('ann')).toBe(5)
})

test.each(['', 'x'.repeat(257), '\ud800'])(
  'the user id %j is refused, and nothing is begun',
  async (userId) => {
    expect(await serviceOf().erase(userId, 'eve')).toEqual({ type: 'refused', code: 'INVALID_IDENTIFIER' })
    expect(await store.erasureLog(5)).toEqual([])
  },
)

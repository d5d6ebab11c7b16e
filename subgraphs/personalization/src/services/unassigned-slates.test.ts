import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Slate } from '../domain/slate.ts'
import { sampleTreatment } from '../testing/samples/experiments.ts'
import {
  createTestRecommendationService,
  expectUnassigned,
  HYDRATION_DEADLINE_MS,
  openWatchedStore,
  type WatchedStore,
} from '../testing/test-recommendation-service.ts'
import { MAX_PENDING_WRITES } from './slate-committer.ts'

let opened: WatchedStore
let watched: WatchedStore['watched']
let saved: WatchedStore['saved']

beforeEach(async () => {
  opened = await openWatchedStore()
  watched = opened.watched
  saved = opened.saved
})

afterEach(async () => {
  vi.useRealTimers()
  await opened.store.close()
})

describe('what cannot be recorded is not treated', () => {
  const treatment = sampleTreatment('a', { sources: [{ name: 'popular', weight: 1 }] })

  test('with a full outbox slates are served unassigned, and stored without events', async () => {
    const { recommend, ledger, outboxGate, metric } = createTestRecommendationService({
      store: watched,
      experiments: [treatment],
      outboxLimit: 1,
    })
    expect((await recommend()).assignments).toHaveLength(1)
    const slate = await recommend()
    expectUnassigned(slate)
    expect(slate.servedBy.rung).toBe('MODEL')
    expect(saved.at(-1)).toEqual({ slate, events: [] })
    expect([ledger.report(0).dropped, outboxGate.size()]).toEqual([1, 1])
    expect(await metric('bulkhead_slates_unassigned_total')).toMatchObject([
      { labels: { reason: 'OUTBOX_FULL' }, value: 1 },
    ])
    await outboxGate.measure(async () => ({ size: 0, oldest: null }))
    expect((await recommend()).assignments).toHaveLength(1)
  })

  test('a slate that cannot be stored is served again, unassigned and under another id', async () => {
    const tried: Slate[] = []
    const { recommend, ledger, outboxGate } = createTestRecommendationService({
      store: {
        ...watched,
        async saveSlate(slate) {
          tried.push(slate)
          throw new Error('the disk is full')
        },
      },
      experiments: [treatment],
    })
    const slate = await recommend()
    expectUnassigned(slate)
    expect(slate.servedBy.rung).toBe('MODEL')
    expect(tried.map(({ id }) => id)).not.toContain(slate.id)
    expect([
      ledger.report(0).dropped,
      ledger.report(0).served,
      ledger.oldestInFlight(),
      outboxGate.size(),
    ]).toEqual([1, [], null, 0])
  })

  test('a frozen datastore costs a few requests the deadline, and then nobody', async () => {
    let writes = 0
    let reads = 0
    const { recommend, ledger, metric } = createTestRecommendationService({
      store: {
        servingHistory() {
          reads++
          return new Promise(() => undefined)
        },
        saveSlate() {
          writes++
          return new Promise(() => undefined)
        },
      },
      experiments: [treatment],
    })
    const early = await Promise.all(Array.from({ length: 5 }, () => recommend()))
    const started = performance.now()
    const late: Slate[] = []
    for (let request = 0; request < 20; request++) late.push(await recommend())
    expect(performance.now() - started).toBeLessThan(HYDRATION_DEADLINE_MS * 10)
    for (const slate of [...early, ...late]) {
      expectUnassigned(slate)
      expect(slate.servedBy).toMatchObject({ rung: 'POPULAR', cause: 'HISTORY_UNAVAILABLE' })
    }
    expect([writes, reads]).toEqual([5, 5])
    expect(ledger.report(0).dropped).toBe(25)
    // What may still become durable is in flight, whatever the deadline says.
    expect(ledger.oldestInFlight()).not.toBeNull()
    expect(await metric('bulkhead_slates_unassigned_total')).toMatchObject([
      { labels: { reason: 'COMMIT_TIMED_OUT' }, value: 5 },
      { labels: { reason: 'DATASTORE_UNAVAILABLE' }, value: 20 },
    ])
  })

  test('a datastore that is back is found out by an unassigned slate that nobody waits for', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    let lost = true
    const { recommend, lines } = createTestRecommendationService({
      store: {
        ...watched,
        saveSlate: (slate, events) =>
          lost ? Promise.reject(new Error('connection refused')) : watched.saveSlate(slate, events),
      },
      experiments: [treatment],
    })
    for (let request = 0; request < 6; request++) expectUnassigned(await recommend())
    lost = false
    expectUnassigned(await recommend())
    expect(saved).toEqual([])
    // Set back by an hour, the system clock must not put the probe off.
    vi.setSystemTime(Date.now() - 3_600_000)
    vi.advanceTimersByTime(1001)
    const probe = await recommend()
    expectUnassigned(probe)
    await vi.waitFor(() => expect(saved).toEqual([{ slate: probe, events: [] }]))
    await vi.waitFor(async () => expect((await recommend()).assignments).toHaveLength(1))
    expect(lines.filter(({ msg }) => String(msg).includes('cannot be stored'))).toHaveLength(1)
    expect(lines.filter(({ msg }) => String(msg).includes('stored again'))).toHaveLength(1)
  })

  test('a write that succeeds after its deadline is counted as served when it does', async () => {
    const gate = Promise.withResolvers<void>()
    const { recommend, ledger, outboxGate } = createTestRecommendationService({
      store: {
        ...watched,
        async saveSlate(slate, events) {
          await gate.promise
          await watched.saveSlate(slate, events)
        },
      },
      experiments: [treatment],
    })
    expectUnassigned(await recommend())
    expect([ledger.report(0).served, outboxGate.size()]).toEqual([[], 0])
    expect(ledger.oldestInFlight()).not.toBeNull()
    gate.resolve()
    await vi.waitFor(() => expect(ledger.oldestInFlight()).toBeNull())
    expect(ledger.report(0).served).toMatchObject([{ experimentKey: 'a', count: 1 }])
    expect(outboxGate.size()).toBe(1)
  })

  test('writes that the datastore does not settle are bounded', async () => {
    let writes = 0
    const { recommend, metric } = createTestRecommendationService({
      store: {
        servingHistory: async () => ({ opinions: [], used: [], skipped: [] }),
        saveSlate() {
          writes++
          return new Promise(() => undefined)
        },
      },
      experiments: [treatment],
    })
    const slates = await Promise.all(Array.from({ length: MAX_PENDING_WRITES + 5 }, () => recommend()))
    for (const slate of slates) expectUnassigned(slate)
    expect(writes).toBe(MAX_PENDING_WRITES)
    expect(await metric('bulkhead_slate_writes_pending')).toMatchObject([{ value: MAX_PENDING_WRITES }])
    expect(await metric('bulkhead_slates_unassigned_total')).toContainEqual(
      expect.objectContaining({ labels: { reason: 'TOO_MANY_COMMITS' }, value: 5 }),
    )
  })

  test('more assignments than a context can hold leave the slate unassigned', async () => {
    const many = Array.from({ length: 65 }, (_, at) => sampleTreatment(`e${at}`, null))
    const { recommend, metric } = createTestRecommendationService({ store: watched, experiments: many })
    expectUnassigned(await recommend())
    expect(saved).toMatchObject([{ events: [] }])
    expect(await metric('bulkhead_slates_unassigned_total')).toMatchObject([
      { labels: { reason: 'CONTEXT_TOO_LARGE' }, value: 1 },
    ])
  })
})

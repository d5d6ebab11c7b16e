import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { sampleExposure, sampleSlate, sampleSlateItems } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createSlateCommitter, MAX_PENDING_WRITES } from './slate-committer.ts'

const DEADLINE_MS = 300
const KEEP_DEADLINE_MS = 200
const PROBE_INTERVAL_MS = 1_000

beforeEach(() => {
  // Not setImmediate: withDeadline waits for one before it gives up.
  vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A committer on a datastore that leaves each write open until the test settles it. */
function setUp() {
  const writes: PromiseWithResolvers<void>[] = []
  const failures: { readonly kind: string; readonly error: unknown }[] = []
  const ledger = createServedLedger()
  const outboxGate = createOutboxGate({ limit: 1_000 })
  const metrics = createTestMetrics()
  const { log, lines } = captureLog()
  const committer = createSlateCommitter({
    store: {
      saveSlate() {
        const write = Promise.withResolvers<void>()
        writes.push(write)
        return write.promise
      },
    },
    ledger,
    outboxGate,
    deadlineMs: DEADLINE_MS,
    log,
    failureLog: { failed: (kind, fields) => failures.push({ kind, error: fields?.err }) },
    metrics,
  })
  const commit = () =>
    committer.commit(sampleSlate('s1', { items: sampleSlateItems('i1') }), [sampleExposure('exposure-1')])
  return {
    isReachable: committer.isReachable,
    commit,
    keep: () => committer.keep(sampleSlate('s1', { items: sampleSlateItems('i1') })),
    /** Settles the writes that are open. */
    succeed() {
      for (const write of writes.splice(0)) write.resolve()
    },
    fail() {
      for (const write of writes.splice(0)) write.reject(new Error('connection refused'))
    },
    /** Commits that fail, until the datastore counts as lost. */
    async lose() {
      for (let failure = 0; failure < 5; failure++) {
        const committing = commit()
        writes.pop()?.reject(new Error('connection refused'))
        await committing
      }
    },
    writes,
    failures,
    ledger,
    outboxGate,
    messages: () => lines.map(({ msg }) => String(msg)),
    pending: async () =>
      (await metrics.registry.getSingleMetric('bulkhead_slate_writes_pending')?.get())?.values[0]?.value,
  }
}

/** What a promise has come to so far: `waiting`, or its value. */
function watch<T>(promise: Promise<T>): () => T | 'waiting' {
  let outcome: T | 'waiting' = 'waiting'
  void promise.then((value) => {
    outcome = value
  })
  return () => outcome
}

function pass(ms: number) {
  return vi.advanceTimersByTimeAsync(ms)
}

describe('a commit', () => {
  test('is durable once the datastore says so, and is counted then', async () => {
    const { commit, succeed, ledger, outboxGate, pending } = setUp()
    const outcome = watch(commit())
    // In flight at once: a heartbeat may be sent at any time from here on.
    expect(ledger.oldestInFlight()).toBe(NOON)
    await pass(DEADLINE_MS - 1)
    expect([outcome(), await pending(), ledger.report(NOON).served, outboxGate.size()]).toEqual([
      'waiting',
      1,
      [],
      0,
    ])
    succeed()
    await pass(0)
    expect([outcome(), await pending(), ledger.oldestInFlight(), outboxGate.size()]).toEqual([
      'durable',
      0,
      null,
      1,
    ])
    expect(ledger.report(NOON).served).toMatchObject([{ experimentKey: 'ranking', count: 1 }])
  })

  test('that fails is said to have failed, and counts nothing', async () => {
    const { commit, fail, ledger, outboxGate, failures, pending } = setUp()
    const committing = commit()
    fail()
    expect(await committing).toBe('COMMIT_FAILED')
    expect([await pending(), ledger.oldestInFlight(), ledger.report(NOON).served, outboxGate.size()]).toEqual(
      [0, null, [], 0],
    )
    expect(failures).toMatchObject([{ kind: 'commit', error: { message: 'connection refused' } }])
  })

  test('that the datastore throws at, instead of rejecting, fails too', async () => {
    const { log } = captureLog()
    const committer = createSlateCommitter({
      store: {
        saveSlate() {
          throw new TypeError('a defect')
        },
      },
      ledger: createServedLedger(),
      outboxGate: createOutboxGate({ limit: 1 }),
      deadlineMs: DEADLINE_MS,
      log,
      failureLog: { failed: () => undefined },
      metrics: createTestMetrics(),
    })
    expect(
      await committer.commit(sampleSlate('s1', { items: sampleSlateItems('i1') }), [
        sampleExposure('exposure-1'),
      ]),
    ).toBe('COMMIT_FAILED')
    expect(await committer.keep(sampleSlate('s1', { items: sampleSlateItems('i1') }))).toBeUndefined()
  })

  test('that takes too long stays in flight until the datastore settles it, and counts if it succeeds', async () => {
    const { commit, succeed, ledger, outboxGate, pending } = setUp()
    const outcome = watch(commit())
    await pass(DEADLINE_MS)
    expect([outcome(), await pending(), ledger.oldestInFlight()]).toEqual(['COMMIT_TIMED_OUT', 1, NOON])
    await pass(3_600_000)
    expect([ledger.oldestInFlight(), ledger.report(NOON).served, outboxGate.size()]).toEqual([NOON, [], 0])
    succeed()
    await pass(0)
    expect([await pending(), ledger.oldestInFlight(), outboxGate.size()]).toEqual([0, null, 1])
    expect(ledger.report(NOON).served).toMatchObject([{ experimentKey: 'ranking', count: 1 }])
  })

  test('that takes too long and fails in the end counts nothing, and disturbs nobody', async () => {
    const { commit, fail, ledger, outboxGate } = setUp()
    const outcome = watch(commit())
    await pass(DEADLINE_MS)
    fail()
    await pass(0)
    expect([outcome(), ledger.oldestInFlight(), ledger.report(NOON).served, outboxGate.size()]).toEqual([
      'COMMIT_TIMED_OUT',
      null,
      [],
      0,
    ])
  })

  test('is not begun while as many writes as allowed are open, late ones included', async () => {
    const { commit, keep, succeed, writes, pending, isReachable } = setUp()
    const commits = Array.from({ length: MAX_PENDING_WRITES }, commit)
    expect(await commit()).toBe('TOO_MANY_COMMITS')
    await keep()
    expect([writes.length, await pending(), isReachable()]).toEqual([
      MAX_PENDING_WRITES,
      MAX_PENDING_WRITES,
      true,
    ])
    succeed()
    expect(new Set(await Promise.all(commits))).toEqual(new Set(['durable']))
    const outcome = watch(commit())
    succeed()
    await pass(0)
    expect(outcome()).toBe('durable')
  })

  test('is refused as too many while earlier ones that timed out still hold all the room', async () => {
    const { commit, writes } = setUp()
    const commits = Array.from({ length: MAX_PENDING_WRITES }, commit)
    await pass(DEADLINE_MS)
    expect(new Set(await Promise.all(commits))).toEqual(new Set(['COMMIT_TIMED_OUT']))
    expect([await commit(), writes.length]).toEqual(['TOO_MANY_COMMITS', MAX_PENDING_WRITES])
  })
})

describe('a slate without events', () => {
  test('is waited for briefly, is never in flight, and adds nothing to the outbox', async () => {
    const { keep, succeed, ledger, outboxGate } = setUp()
    const kept = watch(keep())
    await pass(KEEP_DEADLINE_MS - 1)
    expect([kept(), ledger.oldestInFlight()]).toEqual(['waiting', null])
    succeed()
    await pass(0)
    expect([kept(), outboxGate.size(), ledger.report(NOON).served]).toEqual([undefined, 0, []])
  })

  test('is not waited for any longer than that', async () => {
    const { keep, pending } = setUp()
    const kept = watch(keep())
    await pass(KEEP_DEADLINE_MS)
    expect([kept(), await pending()]).toEqual([undefined, 1])
  })

  test('that cannot be stored rejects nothing, and counts as a failure of the datastore', async () => {
    const { keep, fail, isReachable } = setUp()
    for (let failure = 0; failure < 5; failure++) {
      expect(isReachable()).toBe(true)
      const keeping = keep()
      fail()
      expect(await keeping).toBeUndefined()
    }
    expect(isReachable()).toBe(false)
  })
})

describe('a datastore', () => {
  test('counts as lost after five failures in a row, timeouts among them, and then nothing is tried', async () => {
    const { commit, fail, isReachable, writes, messages } = setUp()
    for (let failure = 0; failure < 5; failure++) {
      expect(isReachable()).toBe(true)
      const outcome = watch(commit())
      if (failure % 2 === 0) fail()
      await pass(DEADLINE_MS)
      expect(outcome()).toBe(failure % 2 === 0 ? 'COMMIT_FAILED' : 'COMMIT_TIMED_OUT')
    }
    expect(isReachable()).toBe(false)
    writes.length = 0
    expect([await commit(), writes.length]).toEqual(['COMMIT_FAILED', 0])
    expect(messages()).toEqual(['slates cannot be stored, serving unassigned until the datastore is back'])
  })

  test('does not count as lost while a success comes in between', async () => {
    const { commit, fail, succeed, isReachable } = setUp()
    for (let round = 0; round < 3; round++) {
      for (let failure = 0; failure < 4; failure++) {
        const committing = commit()
        fail()
        await committing
      }
      const committing = commit()
      succeed()
      await committing
    }
    expect(isReachable()).toBe(true)
  })

  test('that is lost is tried by one slate without events at a time, and nobody waits for it', async () => {
    const { lose, keep, commit, succeed, isReachable, writes, messages } = setUp()
    await lose()
    await pass(PROBE_INTERVAL_MS - 1)
    await keep()
    expect(writes).toHaveLength(0)

    await pass(1)
    const probe = watch(keep())
    await pass(0)
    expect([probe(), writes.length, isReachable()]).toEqual([undefined, 1, false])
    const others = [watch(keep()), watch(commit())]
    await pass(0)
    expect(others.map((outcome) => outcome())).toEqual([undefined, 'COMMIT_FAILED'])
    expect([writes.length, isReachable()]).toEqual([1, false])

    succeed()
    await pass(0)
    expect(isReachable()).toBe(true)
    // No slate had queued up behind the probe.
    expect(writes).toEqual([])
    expect(messages().at(-1)).toBe('slates are stored again, serving assigned')
    const committing = commit()
    succeed()
    expect(await committing).toBe('durable')
  })

  test('is not tried by a commit, however long it is lost', async () => {
    const { lose, commit, writes } = setUp()
    await lose()
    await pass(10 * PROBE_INTERVAL_MS)
    expect([await commit(), writes.length]).toEqual(['COMMIT_FAILED', 0])
  })

  test.each([
    ['fails', 0],
    ['takes too long', DEADLINE_MS],
  ])('stays lost where the probe %s, and is tried again after the same pause', async (_, ms) => {
    const { lose, keep, fail, succeed, isReachable, writes, messages } = setUp()
    await lose()
    await pass(PROBE_INTERVAL_MS)
    await keep()
    if (ms === 0) fail()
    await pass(ms)
    expect(isReachable()).toBe(false)
    writes.length = 0

    await pass(PROBE_INTERVAL_MS - 1)
    await keep()
    expect(writes).toHaveLength(0)
    await pass(1)
    await keep()
    succeed()
    await pass(0)
    expect(isReachable()).toBe(true)
    // The outage is logged once, not with each probe.
    expect(messages()).toEqual([
      'slates cannot be stored, serving unassigned until the datastore is back',
      'slates are stored again, serving assigned',
    ])
  })

  test('that is back counts as lost again after five new failures, and that is logged again', async () => {
    const { lose, keep, commit, fail, succeed, isReachable, messages } = setUp()
    await lose()
    await pass(PROBE_INTERVAL_MS)
    await keep()
    succeed()
    await pass(0)
    for (let failure = 0; failure < 5; failure++) {
      expect([isReachable(), messages().length]).toEqual([true, 2])
      const committing = commit()
      fail()
      await committing
    }
    expect([isReachable(), messages().length]).toEqual([false, 3])
  })
})

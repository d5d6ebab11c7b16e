import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLog } from '../testing/test-app.ts'
import { createReadiness } from './readiness.ts'

const NOT_READY = {
  ready: false,
  checks: { datastore: { ok: false, detail: 'does not answer; see the log' } },
}

beforeEach(() => {
  // Not setImmediate: withDeadline waits for one before it gives up.
  vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('it is ready while the datastore answers, and names it when it fails', async () => {
  let failing = false
  async function ping() {
    if (failing) throw new Error('connection refused by db.internal')
  }
  const readiness = createReadiness({ store: { ping }, log: silentLog })
  expect(await readiness()).toEqual({ ready: true, checks: { datastore: { ok: true } } })
  failing = true
  expect(await readiness()).toEqual(NOT_READY)
})

test('it names a datastore that hangs, before the deadline of the route itself', async () => {
  const readiness = createReadiness({ store: { ping: () => new Promise(() => {}) }, log: silentLog })
  const report = readiness()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await report).toEqual(NOT_READY)
})

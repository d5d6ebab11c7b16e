import { expect, test } from 'vitest'
import { openTestStore } from '../../testing/test-app.ts'
import { createLeaseKeeper } from './lease-keeper.ts'

const PROGRESS = { through: 7, caughtUpAt: 70 }

async function startKeepers() {
  const store = await openTestStore()
  const time = { a: 0, b: 1_000_000 }
  const [a, b] = (['a', 'b'] as const).map((holder) =>
    createLeaseKeeper({ store, holder, leaseMs: 100, monotonic: () => time[holder] }),
  )
  if (a === undefined || b === undefined) throw new Error('there are two')
  return { store, time, a, b }
}

test('the first one takes it, keeps it by beats, and stores its progress with it', async () => {
  const { store, time, a, b } = await startKeepers()
  await a.beat(PROGRESS)
  // What it had read before is another holder's business.
  expect(await store.lease()).toMatchObject({ holder: 'a', progress: { through: 0 } })
  await a.beat(PROGRESS)
  expect(await store.lease()).toMatchObject({ holder: 'a', progress: PROGRESS })
  for (let beat = 0; beat < 5; beat += 1) {
    time.a += 60
    time.b += 60
    await a.beat(PROGRESS)
    await b.beat(PROGRESS)
    expect([a.isHeld(), b.isHeld()]).toEqual([true, false])
  }
})

test('a silent holder loses it after it was seen unchanged for as long as it lasts, and knows by itself', async () => {
  const { store, time, a, b } = await startKeepers()
  await a.beat(PROGRESS)
  await b.beat(PROGRESS)
  time.b += 99
  await b.beat(PROGRESS)
  expect(b.isHeld()).toBe(false)
  time.b += 1
  await b.beat(PROGRESS)
  expect(b.isHeld()).toBe(true)
  // Frozen meanwhile, so for a moment both believe that they hold it.
  expect(a.isHeld()).toBe(true)
  await a.beat({ through: 99, caughtUpAt: 99 })
  expect(a.isHeld()).toBe(false)
  expect(await store.lease()).toMatchObject({ holder: 'b', progress: { through: 0 } })
  time.b += 100
  expect(b.isHeld()).toBe(false)
})

test('one that is given up can be taken at once, and a lost one cannot be given up', async () => {
  const { store, time, a, b } = await startKeepers()
  await a.beat(PROGRESS)
  await b.beat(PROGRESS)
  await a.giveUp(PROGRESS)
  expect(await store.lease()).toMatchObject({ holder: null, progress: PROGRESS })
  await b.beat(PROGRESS)
  expect([a.isHeld(), b.isHeld()]).toEqual([false, true])
  await a.beat(PROGRESS)
  time.a += 100
  await a.beat(PROGRESS)
  expect(a.isHeld()).toBe(true)
  await b.giveUp({ through: 99, caughtUpAt: 99 })
  expect(await store.lease()).toMatchObject({ holder: 'a', progress: { through: 0 } })
})

import { createMetrics } from '@bulkhead/service/metrics'
import { expect, onTestFinished, test } from 'vitest'
import { NOON, sampleExposures } from '../testing/samples.ts'
import { openTestStore, silentLog } from '../testing/test-app.ts'
import { createAnalystWatch } from './analyst-watch.ts'

test('the lag and the silence of whoever analyses are shown', async () => {
  const store = await openTestStore()
  const metrics = createMetrics({ service: 'experimentation' })
  let now = NOON
  const watch = createAnalystWatch({
    store,
    clock: { now: () => now },
    intervalMs: 3_600_000,
    random: { next: () => 0.5 },
    log: silentLog,
    metrics,
  })
  onTestFinished(() => watch.stop())
  watch.start()
  const shown = async () => {
    await watch.wake()
    const names = ['analysis_lag_positions', 'analysis_lag_seconds', 'analyst_silent_seconds']
    const values = names.map(async (name) => {
      const metric = await metrics.registry.getSingleMetric(`bulkhead_${name}`)?.get()
      return metric?.values[0]?.value
    })
    return Promise.all(values)
  }
  expect(await shown()).toEqual([0, 0, 0])
  await store.ingest(sampleExposures('u', 0, 30))
  now += 2_000
  expect(await shown()).toEqual([30, Number.POSITIVE_INFINITY, 2])
  const progress = { through: 20, caughtUpAt: NOON + 1_000 }
  await store.replaceLease({ expectedBeat: null, lease: { holder: 'a', beat: 1, progress } })
  expect(await shown()).toEqual([10, 1, 0])
  now += 3_000
  expect(await shown()).toEqual([10, 4, 3])
  const caughtUp = { through: 30, caughtUpAt: now }
  await store.replaceLease({ expectedBeat: 1, lease: { holder: 'a', beat: 2, progress: caughtUp } })
  expect(await shown()).toEqual([0, 0, 0])
})

import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleLoadedModel, sampleRankingModel } from '../../testing/samples/models.ts'
import { createTestMetrics, metricLines } from '../../testing/test-metrics.ts'
import {
  createTestRecommendationService,
  openWatchedStore,
} from '../../testing/test-recommendation-service.ts'
import { createQualityControl, measureEventLoop } from './quality-control.ts'

const TARGET_MS = 100

function createControl() {
  let now = 0
  let busy = 1
  const metrics = createTestMetrics()
  const captured = captureLog()
  const control = createQualityControl({
    targetMs: TARGET_MS,
    eventLoop: { now: () => now, busy: () => busy },
    log: captured.log,
    metrics,
  })
  return {
    ...control,
    /** A window with so many slates, each of which took so long. */
    serve(slates: number, elapsedMs: number, share = 1) {
      busy = share
      for (let slate = 0; slate < slates; slate++) control.record(elapsedMs)
      now += 1_000
      return control.factor()
    },
    pass(ms: number, share = 0.1) {
      busy = share
      now += ms
    },
    gauge: () => metricLines(metrics, 'bulkhead_quality_factor'),
    messages: () => captured.lines.map(({ msg }) => msg),
  }
}

describe('quality control', () => {
  test('is full until slates are late, falls in steps, and grows again when they are not', () => {
    const { factor, serve, messages } = createControl()
    expect(factor()).toBe(1)
    expect(serve(100, TARGET_MS)).toBe(1)
    expect([serve(100, TARGET_MS + 1), serve(100, TARGET_MS + 1)]).toEqual([0.5, 0.25])
    expect(serve(100, TARGET_MS)).toBe(0.25)
    expect(serve(100, 0.7 * TARGET_MS)).toBe(0.3125)
    for (let window = 0; window < 11; window++) serve(100, 1)
    expect(factor()).toBe(1)
    expect(messages()).toEqual([
      'overloaded: slates are made from fewer candidates',
      'slates are made from all candidates again',
    ])
  })

  test('does not move within a window, so that slates of one moment have one width', () => {
    const { factor, record, pass } = createControl()
    for (let slate = 0; slate < 500; slate++) record(10 * TARGET_MS)
    pass(999, 1)
    expect(factor()).toBe(1)
    pass(1, 1)
    expect(factor()).toBe(0.5)
  })

  test('does not fall for a datastore that is slow', () => {
    const { serve } = createControl()
    for (let window = 0; window < 10; window++) expect(serve(100, 10 * TARGET_MS, 0.3)).toBe(1)
  })

  test('does not take an event loop that is blocked for seconds for one that has nothing to do', () => {
    const { factor, record, pass } = createControl()
    for (let slate = 0; slate < 500; slate++) record(10 * TARGET_MS)
    pass(8_000, 1)
    expect(factor()).toBe(0.5)
  })

  test('recovers without a slate, as the metric shows', async () => {
    const { serve, pass, gauge } = createControl()
    for (let window = 0; window < 5; window++) serve(100, 2 * TARGET_MS)
    expect(await gauge()).toEqual(['bulkhead_quality_factor{service="test"} 0.0625'])
    pass(4_000)
    expect(await gauge()).toEqual(['bulkhead_quality_factor{service="test"} 0.3125'])
    pass(3_600_000)
    expect(await gauge()).toEqual(['bulkhead_quality_factor{service="test"} 1'])
  })
})

test('the event loop is busy while it computes, and idle while it waits', async () => {
  const { busy, now } = measureEventLoop()
  const start = now()
  while (now() - start < 100);
  await new Promise((resolve) => setImmediate(resolve))
  expect(busy()).toBeGreaterThan(0.8)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(busy()).toBeLessThan(0.5)
})

describe('an overloaded process', () => {
  let close: () => Promise<void> = () => Promise.resolve()
  afterEach(() => close())

  test('makes slates from fewer candidates, and says so in the slate and in the metric', async () => {
    const opened = await openWatchedStore()
    close = () => opened.store.close()
    const ids = sampleItemIds(300)
    const ranking = sampleRankingModel(ids)
    const widths: number[] = []
    const slow = {
      ...ranking,
      /** Costs as much as a model that looks at so many candidates. */
      recommend(...args: Parameters<typeof ranking.recommend>) {
        const [, limit] = args
        widths.push(limit)
        const start = performance.now()
        while (performance.now() - start < limit / 7);
        return ranking.recommend(...args)
      },
    }
    const { recommend, metric } = createTestRecommendationService({
      store: opened.watched,
      catalogue: sampleCatalogue(sampleItems(300), ids),
      model: sampleLoadedModel(slow),
      slateTargetMs: 5,
    })
    const first = await recommend({ size: 20 })
    expect(first.policy).toMatchObject({ id: 'greedy-v2', candidateWidth: 80 })
    const end = performance.now() + 5_000
    let last = first
    while (last.policy.candidateWidth === 80 && performance.now() < end) last = await recommend({ size: 20 })
    expect(last.policy).toMatchObject({ id: 'reduced-greedy-v2', candidateWidth: 40 })
    expect(widths.at(-1)).toBe(40)
    expect(last.servedBy).toMatchObject({ rung: 'MODEL', cause: null })
    expect(last.items).toHaveLength(20)
    expect(last.servedBy.sources).toEqual([{ name: 'model', outcome: 'ANSWERED', candidates: 40, items: 20 }])
    expect(await metric('bulkhead_quality_factor')).toMatchObject([{ value: 0.5 }])
  })
})

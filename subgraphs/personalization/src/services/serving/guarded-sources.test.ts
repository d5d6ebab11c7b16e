import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CANDIDATE_SOURCES } from '../../domain/pipeline/sources/candidate-sources.ts'
import { SourceCutError } from '../../domain/pipeline/sources/source-cut-error.ts'
import { sampleTreatment } from '../../testing/samples/experiments.ts'
import { sampleQuery, sampleSource } from '../../testing/samples/serving.ts'
import { createTestMetrics, metricLines } from '../../testing/test-metrics.ts'
import {
  createTestRecommendationService,
  openWatchedStore,
} from '../../testing/test-recommendation-service.ts'
import { guardSources, SOURCE_DEADLINE_MS } from './guarded-sources.ts'

const INPUT = { limit: 10, isEligible: () => true, alreadyFound: 0 }
const CANDIDATE = { itemId: 'i1', score: 1, creator: null, becauseOf: null }
const DEADLINE_MS = 20

type Answer = ReturnType<(typeof CANDIDATE_SOURCES)[number]['candidates']>

function hang(): Answer {
  return new Promise(() => undefined)
}

function answer(): Answer {
  return Promise.resolve([CANDIDATE])
}

function fail(): Answer {
  return Promise.reject(new Error('the index is away'))
}

/** A guarded source that answers as it is told. */
function guard(first: () => Answer) {
  let next = first
  let asked = 0
  const metrics = createTestMetrics()
  const captured = captureLog()
  const source = sampleSource('remote', [], {
    candidates() {
      asked++
      return next()
    },
  })
  const [guarded] = guardSources([source], { deadlineMs: DEADLINE_MS, log: captured.log, metrics })
  if (guarded === undefined) return expect.unreachable()
  return {
    ask: async () => guarded.candidates(sampleQuery(), INPUT),
    candidates: () => guarded.candidates(sampleQuery(), INPUT),
    answerWith(other: () => Answer) {
      next = other
    },
    asked: () => asked,
    messages: () => captured.lines.map(({ msg }) => msg),
    state: () => metricLines(metrics, 'bulkhead_source_breaker_state'),
    cuts: () => metricLines(metrics, 'bulkhead_source_cuts_total'),
  }
}

describe('a guarded source', () => {
  beforeEach(() => {
    // Not setImmediate: withDeadline waits for one before it gives up.
    vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Its outcome, once time has passed for the deadline. */
  async function outcomeOf(asked: Promise<unknown>): Promise<unknown> {
    const settled = asked.catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(DEADLINE_MS)
    return settled
  }

  test('that answers at once is passed through, without a promise or a timer', () => {
    const { candidates } = guard(() => [CANDIDATE])
    expect(candidates()).toEqual([CANDIDATE])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that throws at once never counts as hanging: it costs no slate any time', async () => {
    const { ask, asked } = guard(() => {
      throw new Error('broken')
    })
    for (let slate = 0; slate < 10; slate++) await expect(ask()).rejects.toThrow('broken')
    expect(asked()).toBe(10)
  })

  test('that answers in time leaves no timer behind', async () => {
    const { ask } = guard(answer)
    expect(await ask()).toEqual([CANDIDATE])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that hangs costs the deadline, and is left out after three slates, which is told once', async () => {
    const { ask, asked, cuts, messages, state } = guard(hang)
    for (let slate = 0; slate < 3; slate++) {
      const error = await outcomeOf(ask())
      expect(error).toBeInstanceOf(SourceCutError)
      expect(error).toMatchObject({ message: expect.stringContaining('longer than 20 ms') })
    }
    for (let slate = 0; slate < 10; slate++) await expect(ask()).rejects.toThrow('left out')
    expect([asked(), vi.getTimerCount()]).toEqual([3, 0])
    expect(messages()).toEqual(['candidate source left out until it answers in time'])
    expect(await cuts()).toEqual([
      'bulkhead_source_cuts_total{source="remote",cause="deadline",service="test"} 3',
      'bulkhead_source_cuts_total{source="remote",cause="breaker",service="test"} 10',
    ])
    expect(await state()).toEqual(['bulkhead_source_breaker_state{source="remote",service="test"} 2'])
  })

  test('that fails is left out too, and one slow answer among good ones is not enough', async () => {
    const failing = guard(fail)
    for (let slate = 0; slate < 3; slate++) await expect(failing.ask()).rejects.toThrow('the index is away')
    await expect(failing.ask()).rejects.toThrow('left out')

    const slow = guard(hang)
    for (let slate = 0; slate < 6; slate++) {
      slow.answerWith(slate % 2 === 0 ? hang : answer)
      await outcomeOf(slow.ask())
    }
    expect(slow.asked()).toBe(6)
    expect(slow.messages()).toEqual([])
  })

  test('is probed once a second at the cost of no slate, and asked again once a probe is answered in time', async () => {
    const { ask, asked, answerWith, messages, state } = guard(hang)
    for (let slate = 0; slate < 3; slate++) await outcomeOf(ask())
    await vi.advanceTimersByTimeAsync(1_000)
    // This probe hangs as well; those who come meanwhile do not wait for it, nor does who has started it.
    for (let slate = 0; slate < 5; slate++) await expect(ask()).rejects.toThrow('left out')
    expect(asked()).toBe(4)
    expect(await state()).toEqual(['bulkhead_source_breaker_state{source="remote",service="test"} 1'])
    await vi.advanceTimersByTimeAsync(DEADLINE_MS)
    await expect(ask()).rejects.toThrow('left out')
    expect(asked()).toBe(4)

    answerWith(answer)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(ask()).rejects.toThrow('left out')
    await vi.advanceTimersByTimeAsync(0)
    expect(await ask()).toEqual([CANDIDATE])
    expect(messages()).toEqual([
      'candidate source left out until it answers in time',
      'candidate source asked again',
    ])
    expect(await state()).toEqual(['bulkhead_source_breaker_state{source="remote",service="test"} 0'])
  })

  test('a system clock that is set back does not put the probe off', async () => {
    const { ask, asked } = guard(hang)
    for (let slate = 0; slate < 3; slate++) await outcomeOf(ask())
    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(ask()).rejects.toThrow('left out')
    expect(asked()).toBe(4)
  })
})

describe('a slate with a source that hangs', () => {
  function withHanging(name: string, onAsked = () => {}) {
    return CANDIDATE_SOURCES.map((source) => {
      if (source.name !== name) return source
      const candidates = (): Answer => {
        onAsked()
        return hang()
      }
      return { ...source, candidates }
    })
  }

  test('is full, and waits for the source once though it is made twice', async () => {
    const opened = await openWatchedStore()
    let asked = 0
    const { recommend } = createTestRecommendationService({
      store: { ...opened.watched, saveSlate: () => Promise.reject(new Error('the disk is full')) },
      model: null,
      sources: withHanging('popular', () => {
        asked++
      }),
      experiments: [sampleTreatment('a', null)],
    })
    const started = performance.now()
    const slate = await recommend()
    const elapsed = performance.now() - started
    expect(elapsed).toBeGreaterThanOrEqual(SOURCE_DEADLINE_MS - 1)
    expect(slate.items.map(({ source }) => source)).toEqual(Array(5).fill('static'))
    expect(slate.servedBy.sources).toEqual([
      { name: 'model', outcome: 'UNAVAILABLE', candidates: 0, items: 0 },
      { name: 'popular', outcome: 'CUT', candidates: 0, items: 0 },
      { name: 'static', outcome: 'ANSWERED', candidates: 59, items: 5 },
    ])
    expect(slate.assignments).toEqual([])
    expect(asked).toBe(1)
    await opened.store.close()
  })

  test('counts its assignments as not applied', async () => {
    const opened = await openWatchedStore()
    const { recommend } = createTestRecommendationService({
      store: opened.watched,
      sources: withHanging('trending'),
      experiments: [sampleTreatment('a', { sources: [{ name: 'trending', weight: 1 }] })],
    })
    for (let request = 0; request < 5; request++) {
      const slate = await recommend()
      expect(slate.items).toHaveLength(5)
      expect(slate.assignments).toMatchObject([{ experimentKey: 'a', applied: false }])
    }
    await opened.store.close()
  })
})

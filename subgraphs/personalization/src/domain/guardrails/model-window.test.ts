import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createModelWindow,
  DEFAULT_GUARDRAILS,
  type GuardrailLimits,
  type ListOutcome,
} from './model-window.ts'

const LIMITS: GuardrailLimits = {
  ...DEFAULT_GUARDRAILS,
  ...{ windowMs: 1_000, minLists: 10, maxFailed: 0.2, maxEmpty: 0.5, maxSlow: 0.1, slowMs: 20 },
  ...{ coverageLists: 5, minDistinctItems: 3 },
}
type Outcome = Omit<ListOutcome, 'listener'>
const FAILED: Outcome = { failed: true, itemIds: [], ms: 1 }
const EMPTY: Outcome = { failed: false, itemIds: [], ms: 1 }

/** A list of two items, others each time. */
function fine(n: number, ms = 1): Outcome {
  return { failed: false, itemIds: [`i${n}`, `i${n + 1}`], ms }
}

function windowOf(outcomes: readonly Outcome[], at = 0, itemCount = 1_000) {
  const window = createModelWindow(LIMITS, itemCount)
  for (const [n, outcome] of outcomes.entries()) window.add(at, { ...outcome, listener: `u${n}` })
  return window
}

function fines(count: number, ms = 1): readonly Outcome[] {
  return Array.from({ length: count }, (_, n) => fine(n, ms))
}

describe('a model is switched off', () => {
  test('where too many of its lists fail, are empty, or are slow, and not at the limit', () => {
    expect(windowOf([...fines(8), FAILED, FAILED]).problem(0)).toBeNull()
    expect(windowOf([...fines(7), FAILED, FAILED, FAILED]).problem(0)).toBe(
      '3 of its last 10 lists failed, and 20% is the limit',
    )
    expect(windowOf([...fines(5), ...Array(5).fill(EMPTY)]).problem(0)).toBeNull()
    expect(windowOf([...fines(4), ...Array(6).fill(EMPTY)]).problem(0)).toMatch(
      /^6 of its last 10 lists were empty/,
    )
    expect(windowOf([...fines(9), ...fines(1, 21)]).problem(0)).toBeNull()
    expect(windowOf([...fines(8, 20), ...fines(2, 21)]).problem(0)).toMatch(
      /^2 of its last 10 lists took more than 20 ms/,
    )
  })

  test('not for few lists, nor for what was long ago', () => {
    expect(windowOf(Array(9).fill(FAILED)).problem(0)).toBeNull()
    const window = windowOf(Array(10).fill(FAILED))
    expect(window.problem(999)).not.toBeNull()
    expect(window.problem(1_000)).toBeNull()
    for (let n = 0; n < 10; n++) window.add(1_500, { ...fine(n), listener: `u${n}` })
    expect(window.problem(1_500)).toBeNull()
  })

  test('where many lists have hardly any different items', () => {
    const same = Array.from({ length: 5 }, () => fine(0))
    expect(windowOf(same.slice(1)).problem(0)).toBeNull()
    expect(windowOf(same).problem(0)).toBe('5 of its lists had 2 different items, and 3 is the least')
    // A tenth of what a small model knows.
    expect(windowOf(same, 0, 20).problem(0)).toBeNull()
    expect(windowOf(same, 0, 21).problem(0)).toMatch(/and 3 is the least$/)
    const window = windowOf(same)
    for (let n = 0; n < 5; n++) window.add(0, { ...fine(n), listener: `v${n}` })
    expect(window.problem(0)).toBeNull()
  })

  test('by the same rule as if every list had been kept', () => {
    const outcomes = fc.array(
      fc.record({
        gap: fc.integer({ min: 0, max: 400 }),
        kind: fc.constantFrom('fine', 'failed', 'empty', 'slow'),
      }),
      { minLength: 1, maxLength: 60 },
    )
    fc.assert(
      fc.property(outcomes, (asked) => {
        const window = createModelWindow(LIMITS, 1_000)
        const kept: { at: number; kind: string }[] = []
        let now = 0
        for (const [n, { gap, kind }] of asked.entries()) {
          now += gap
          const outcome = { fine: fine(n), failed: FAILED, empty: EMPTY, slow: fine(n, 99) }[kind]
          window.add(now, { ...outcome, listener: `u${n}` })
          // Counters are kept by tenths of the window.
          kept.push({ at: Math.floor(now / 100) * 100, kind })
          const recent = kept.filter(({ at }) => at > now - LIMITS.windowMs)
          const share = (of: string) => recent.filter((one) => one.kind === of).length / recent.length
          const expected =
            recent.length >= LIMITS.minLists &&
            (share('failed') > 0.2 || share('empty') > 0.5 || share('slow') > 0.1)
          expect(window.problem(now) !== null).toBe(expected)
        }
      }),
    )
  })

  test('by many listeners, not by one who comes again and again', () => {
    const window = createModelWindow(LIMITS, 1_000)
    for (let at = 0; at < 1_000; at++) window.add(at, { ...FAILED, listener: 'eve' })
    // Once in each tenth of the window.
    expect(window.problem(1_000)).toBeNull()
    for (let n = 0; n < 3; n++) window.add(999, { ...FAILED, listener: `u${n}` })
    expect(window.problem(1_000)).toMatch(/^12 of its last 12 lists failed/)
  })

  test('where many long lists begin with the same items', () => {
    const tail = Array.from({ length: 190 }, (_, n) => `tail-${n}`)
    const long = (n: number): Outcome => ({
      failed: false,
      itemIds: [...Array(10).fill('hit'), ...tail, `i${n}`],
      ms: 1,
    })
    expect(windowOf(Array.from({ length: 5 }, (_, n) => long(n))).problem(0)).toMatch(/had 1 different items/)
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import { editExperiment } from './edit.ts'
import type { Experiment } from './experiment.ts'
import { isRunningAt, runIntervals, versionAt } from './intervals.ts'
import { type ChangeResult, takeStep } from './steps.ts'
import { NO_TARGETING } from './targeting/definitions.ts'
import { validateExperiment } from './validate-experiment.ts'

function newExperiment(): Experiment {
  const reading = validateExperiment(sampleDraft({ coverage: 0.9 }), { at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  return reading.experiment
}

const COMMANDS = ['start', 'pause', 'resume', 'stop', 'edit'] as const
type Command = (typeof COMMANDS)[number]

/** Takes the legal ones of the steps, each at its instant; `edit` makes a new version where it is legal. */
function after(steps: readonly (readonly [number, Command])[]): Experiment {
  return steps.reduce((experiment, [at, command]) => {
    const facts = { at, by: 'ana', reason: 'r' }
    const edit = { coverage: experiment.coverage * 0.9 }
    const result: ChangeResult =
      command === 'edit'
        ? editExperiment(experiment, edit, facts, {
            quorum: 0,
            metrics: new Map(),
            targeting: NO_TARGETING,
            listed: () => [],
          })
        : takeStep(experiment, command, facts, 0)
    return result.type === 'changed' ? result.experiment : experiment
  }, newExperiment())
}

test('an experiment runs from each start or resume to the next pause or stop, under the version of then', () => {
  const experiment = after([
    [10, 'start'],
    [20, 'pause'],
    [25, 'edit'],
    [30, 'resume'],
    [40, 'edit'],
    [50, 'stop'],
  ])
  expect(runIntervals(experiment)).toEqual([
    { version: 1, from: 10, to: 20 },
    { version: 2, from: 30, to: 40 },
    { version: 3, from: 40, to: 50 },
  ])
  expect([9, 10, 19, 20, 29, 30, 49, 50].map((instant) => isRunningAt(experiment, instant))).toEqual([
    false,
    true,
    true,
    false,
    false,
    true,
    true,
    false,
  ])
  expect([9, 10, 24, 25, 39, 40, 99].map((instant) => versionAt(experiment, instant))).toEqual([
    null,
    1,
    1,
    2,
    2,
    3,
    3,
  ])
})

test('an interval without an end goes on', () => {
  const experiment = after([[10, 'start']])
  expect(runIntervals(experiment)).toEqual([{ version: 1, from: 10, to: null }])
  expect(isRunningAt(experiment, Number.MAX_SAFE_INTEGER)).toBe(true)
  expect(runIntervals(newExperiment())).toEqual([])
})

test('an edit of a draft starts no version', () => {
  const experiment = after([
    [5, 'edit'],
    [10, 'start'],
  ])
  expect(experiment.version).toBe(1)
  expect(runIntervals(experiment)).toEqual([{ version: 1, from: 10, to: null }])
})

test('at every instant the intervals say what was last done before it, whatever was done later', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(...COMMANDS)), {
    maxLength: 25,
  })
  fc.assert(
    fc.property(steps, (relative) => {
      let at = 0
      const all: (readonly [number, Command])[] = []
      for (const [pause, command] of relative) {
        at += pause
        all.push([at, command])
      }
      const experiment = after(all)
      const intervals = runIntervals(experiment)
      for (const [index, { from, to }] of intervals.entries()) {
        expect(to === null || from < to).toBe(true)
        expect(from).toBeGreaterThanOrEqual(intervals[index - 1]?.to ?? 0)
      }
      for (let instant = 0; instant <= at + 1; instant++) {
        const then = after(all.filter(([time]) => time <= instant))
        expect(isRunningAt(experiment, instant)).toBe(then.status === 'RUNNING')
        expect(versionAt(experiment, instant)).toBe(then.startedAt === null ? null : then.version)
        const inside = intervals.filter(({ from, to }) => from <= instant && (to === null || instant < to))
        expect(inside.map(({ version }) => version)).toEqual(then.status === 'RUNNING' ? [then.version] : [])
      }
    }),
  )
})

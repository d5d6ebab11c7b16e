import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import { EXPERIMENT_STATUSES, type Experiment } from './experiment.ts'
import { LIFECYCLE_STEPS, type LifecycleAction, transition } from './lifecycle.ts'
import { validateExperiment } from './validate-experiment.ts'

function newExperiment(overrides: Partial<Experiment> = {}): Experiment {
  const reading = validateExperiment(sampleDraft(), { at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  return { ...reading.experiment, ...overrides }
}

const actions = Object.keys(LIFECYCLE_STEPS) as LifecycleAction[]
const LEGAL = ['DRAFT start', 'RUNNING pause', 'RUNNING stop', 'PAUSED resume', 'PAUSED stop']

test('exactly the steps of the lifecycle are legal', () => {
  const legal = EXPERIMENT_STATUSES.flatMap((status) =>
    actions
      .filter(
        (action) =>
          transition(newExperiment({ status }), action, { at: 1, by: 'ben', reason: 'r' }).type === 'moved',
      )
      .map((action) => `${status} ${action}`),
  )
  expect(legal.sort()).toEqual([...LEGAL].sort())
})

test('an illegal step names where it would have led', () => {
  expect(
    transition(newExperiment({ status: 'STOPPED' }), 'resume', { at: 1, by: 'ben', reason: 'r' }),
  ).toEqual({
    type: 'illegal-transition',
    action: 'resume',
    from: 'STOPPED',
    to: 'RUNNING',
  })
})

test('start and stop leave their times, pausing does not', () => {
  let experiment = newExperiment()
  for (const [at, action] of (['start', 'pause', 'resume', 'stop'] as const).entries()) {
    const result = transition(experiment, action, { at, by: 'ben', reason: action })
    if (result.type === 'moved') experiment = result.experiment
  }
  expect(experiment).toMatchObject({ status: 'STOPPED', startedAt: 0, stoppedAt: 3, revision: 5, version: 1 })
  expect(experiment.history.map(({ reason }) => reason)).toEqual(['start', 'pause', 'resume', 'stop'])
  expect(experiment.history.map(({ by }) => by)).toEqual(['ben', 'ben', 'ben', 'ben'])
})

test('on any path the revision counts the accepted steps, the history links them, and assignment stays', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...actions), { maxLength: 20 }), (path) => {
      const first = newExperiment()
      let experiment = first
      for (const [at, action] of path.entries()) {
        const before = experiment
        const result = transition(before, action, { at, by: 'ben', reason: 'r' })
        if (result.type === 'illegal-transition') {
          expect(result.from).toBe(before.status)
        } else {
          expect(result.experiment.history.at(-1)).toMatchObject({
            from: before.status,
            to: result.experiment.status,
          })
          experiment = result.experiment
        }
      }
      expect(experiment.revision).toBe(1 + experiment.history.length)
      expect(experiment.version).toBe(first.version)
      expect(experiment.variants).toEqual(first.variants)
    }),
  )
})

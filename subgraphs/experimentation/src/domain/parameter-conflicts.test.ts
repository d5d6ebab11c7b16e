import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import type { Experiment } from './experiment.ts'
import { findParameterConflicts } from './parameter-conflicts.ts'
import { validateExperiment } from './validate-experiment.ts'

function experiment(key: string, surfaces: readonly string[], payload: unknown): Experiment {
  const [control, treatment] = sampleDraft().variants
  if (control === undefined || treatment === undefined) throw new Error('the sample has two variants')
  const reading = validateExperiment(
    sampleDraft({ key, surfaces, variants: [control, { ...treatment, payload }] }),
    { at: 0, by: 'ana' },
  )
  if (reading.type !== 'valid') throw new Error(JSON.stringify(reading.problems))
  return reading.experiment
}

const sources = { sources: [{ name: 'popular', weight: 1 }] }
const diversity = { diversity: { maxPerCreator: 2 } }

test('every experiment that sets the same parameters on a shared surface is named with them', () => {
  const others = [
    experiment('same', ['home'], { ...sources, ...diversity }),
    experiment('everywhere', [], sources),
    experiment('elsewhere', ['search'], sources),
    experiment('other-parameter', ['home'], { exploration: { epsilon: 0.1 } }),
  ]
  expect(findParameterConflicts(experiment('new', ['home'], { ...sources, ...diversity }), others)).toEqual({
    type: 'parameter-conflicts',
    conflicts: [
      { experimentKey: 'same', parameters: ['sources', 'diversity'] },
      { experimentKey: 'everywhere', parameters: ['sources'] },
    ],
  })
})

test('an experiment does not clash with itself, nor one without payload with anything', () => {
  const mine = experiment('mine', ['home'], sources)
  expect(findParameterConflicts(mine, [mine])).toBeNull()
  expect(findParameterConflicts(experiment('a-a', ['home'], null), [mine])).toBeNull()
})

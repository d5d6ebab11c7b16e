import { MAX_PREREQUISITE_CHAIN } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleExperiment } from '../../testing/samples.ts'
import { findDependents, findUnresolvable } from './prerequisites.ts'

function needing(key: string, ...experimentKeys: string[]) {
  const prerequisites = experimentKeys.map((experimentKey) => ({ experimentKey, variantKeys: null }))
  return sampleExperiment({ key, status: 'RUNNING', prerequisites })
}

function listed(...experiments: ReturnType<typeof needing>[]) {
  return new Map(experiments.map((experiment) => [experiment.key, experiment]))
}

test('what an experiment needs has to be listed, with the variants', () => {
  expect(findUnresolvable(needing('b'), listed())).toBeNull()
  expect(findUnresolvable(needing('b', 'a'), listed(needing('a')))).toBeNull()
  expect(findUnresolvable(needing('b', 'a', 'c'), listed(needing('a')))).toEqual({
    type: 'prerequisites-unresolvable',
    experimentKeys: ['c'],
    problem: 'missing',
  })
  const named = (...variantKeys: string[]) =>
    sampleExperiment({ key: 'b', prerequisites: [{ experimentKey: 'a', variantKeys }] })
  expect(findUnresolvable(named('treatment'), listed(needing('a')))).toBeNull()
  expect(findUnresolvable(named('treatment', 'other'), listed(needing('a')))).toMatchObject({
    problem: 'missing',
  })
})

test('circles and chains that are too long are found', () => {
  expect(findUnresolvable(needing('a', 'b'), listed(needing('b', 'a')))).toMatchObject({
    problem: 'circle-or-chain',
  })
  const chain = (length: number) =>
    listed(
      ...Array.from({ length }, (_, index) =>
        index === 0 ? needing('e0') : needing(`e${index}`, `e${index - 1}`),
      ),
    )
  const last = MAX_PREREQUISITE_CHAIN
  expect(findUnresolvable(needing('new', `e${last - 1}`), chain(last))).toBeNull()
  expect(findUnresolvable(needing('new', `e${last}`), chain(last + 1))).toMatchObject({
    problem: 'circle-or-chain',
  })
})

test('those that need an experiment are named', () => {
  expect(findDependents('a', [needing('b', 'a'), needing('c', 'b'), needing('d', 'a', 'b')])).toEqual({
    type: 'prerequisite-in-use',
    experimentKeys: ['b', 'd'],
  })
  expect(findDependents('x', [needing('b', 'a')])).toBeNull()
})

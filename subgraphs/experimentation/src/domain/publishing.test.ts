import { type AssignmentSnapshot, assign, assignmentSnapshotSchema } from '@bulkhead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draft } from '../testing/samples.ts'
import { EXPERIMENT_STATUSES, type Experiment } from './experiment.ts'
import { isListed, nextSnapshot, variantInSnapshot } from './publishing.ts'
import { validateExperiment } from './validate-experiment.ts'

function experiment(changes: Partial<Experiment> = {}): Experiment {
  const reading = validateExperiment(draft(), 0)
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  return { ...reading.experiment, status: 'RUNNING', ...changes }
}

test('a snapshot is one version on, and as the contract has it once it is signed', () => {
  const unsigned = nextSnapshot({ version: 41 }, [experiment()], Date.UTC(2026, 0, 1))
  const signed = { ...unsigned, keyId: 'k', signature: 'c2ln' }
  expect(assignmentSnapshotSchema.parse(signed)).toEqual(signed)
  expect(unsigned).toMatchObject({
    version: 42,
    publishedAt: '2026-01-01T00:00:00.000Z',
    experiments: [{ key: 'mix', seed: 'mix:v1', hashVersion: 2, layer: null, forced: {}, condition: null }],
  })
  expect(nextSnapshot(null, [], 0).version).toBe(1)
})

test('a draft is not listed, every status that assigns is', () => {
  const listed = EXPERIMENT_STATUSES.filter((status) => isListed(experiment({ status })))
  expect(listed).toEqual(['RUNNING', 'PAUSED', 'STOPPED'])
})

test('the order of what it is made from does not show', () => {
  const keys = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,5}$/), { minLength: 1 })
  fc.assert(
    fc.property(
      keys.chain((unique) =>
        fc.tuple(fc.constant(unique), fc.shuffledSubarray(unique, { minLength: unique.length })),
      ),
      ([one, other]) => {
        const of = (order: readonly string[]) =>
          nextSnapshot(
            null,
            order.map((key) => experiment({ key })),
            0,
          )
        expect(of(other)).toEqual(of(one))
      },
    ),
  )
})

test('pausing lets nobody in, and what follows gives every unit the variant that it had', () => {
  const under = (status: Experiment['status'], unit: string) =>
    assign(nextSnapshot(null, [experiment({ status, coverage: 0.5 })], 0), { userId: unit }, {})[0]
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (unit) => {
      const running = under('RUNNING', unit)
      expect(under('PAUSED', unit)).toMatchObject({ included: false, reason: 'NOT_RUNNING' })
      expect(under('STOPPED', unit)?.variant).toEqual(running?.variant)
    }),
  )
})

test('a variant of a snapshot keeps its weight and payload, and takes its name from the experiment', () => {
  const stored = experiment()
  const snapshot: Pick<AssignmentSnapshot, 'experiments'> = nextSnapshot(null, [stored], 0)
  const renamed: Experiment = {
    ...stored,
    variants: stored.variants.map((variant) => ({ ...variant, name: 'New', weight: 0.1, payload: null })),
  }
  expect(variantInSnapshot(snapshot, renamed, 'treatment')).toEqual({ ...stored.variants[1], name: 'New' })
  expect(variantInSnapshot(snapshot, renamed, 'absent')).toBeNull()
  expect(variantInSnapshot({ experiments: [] }, renamed, 'treatment')).toBeNull()
})

import { type AssignmentSnapshot, assign, assignmentSnapshotSchema } from '@bulkhead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import { EXPERIMENT_STATUSES, type Experiment } from './experiment.ts'
import { NO_MODEL_DECISIONS } from './governance/model-decisions.ts'
import { altersAssignment, isListed, listedBytes, nextSnapshot, variantInSnapshot } from './publishing.ts'
import { SIMPLE_STEPS, type SimpleStep, takeStep } from './steps.ts'
import { NO_TARGETING } from './targeting/definitions.ts'
import { validateExperiment } from './validate-experiment.ts'

function experiment(overrides: Partial<Experiment> = {}): Experiment {
  const reading = validateExperiment(sampleDraft(), { at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  return { ...reading.experiment, status: 'RUNNING', ...overrides }
}

test('a snapshot is one version on, and as the contract has it once it is signed', () => {
  const unsigned = nextSnapshot(
    { version: 41 },
    [experiment()],
    NO_TARGETING,
    Date.UTC(2026, 0, 1),
    NO_MODEL_DECISIONS,
  )
  const signed = { ...unsigned, keyId: 'k', signature: 'c2ln' }
  expect(assignmentSnapshotSchema.parse(signed)).toEqual(signed)
  expect(unsigned).toMatchObject({
    version: 42,
    publishedAt: '2026-01-01T00:00:00.000Z',
    experiments: [{ key: 'mix', seed: 'mix:v1', hashVersion: 2, layer: null, forced: {}, condition: null }],
  })
  expect(nextSnapshot(null, [], NO_TARGETING, 0, NO_MODEL_DECISIONS).version).toBe(1)
})

test('exactly the statuses that assign are listed', () => {
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
            NO_TARGETING,
            0,
            NO_MODEL_DECISIONS,
          )
        expect(of(other)).toEqual(of(one))
      },
    ),
  )
})

test('pausing lets nobody in, and what follows gives every unit the variant that it had', () => {
  const under = (status: Experiment['status'], unit: string) =>
    assign(
      nextSnapshot(null, [experiment({ status, coverage: 0.5 })], NO_TARGETING, 0, NO_MODEL_DECISIONS),
      { userId: unit },
      {},
    )[0]
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (unit) => {
      const running = under('RUNNING', unit)
      expect(under('PAUSED', unit)).toMatchObject({ included: false, reason: 'NOT_RUNNING' })
      expect(under('STOPPED', unit)?.variant).toEqual(running?.variant)
    }),
  )
})

/** The experiment after those of the steps that its lifecycle allows. */
function after(steps: readonly SimpleStep[]) {
  return steps.reduce(
    (current, action) => {
      const result = takeStep(current, action, { at: 1, by: 'ben', reason: 'r' }, 0)
      return result.type === 'changed' ? result.experiment : current
    },
    experiment({ status: 'DRAFT' }),
  )
}

function publishedStatus(stored: Experiment) {
  return nextSnapshot(null, [stored], NO_TARGETING, 0, NO_MODEL_DECISIONS).experiments[0]?.status
}

test('a stop is published where the experiment was running, and where it was paused it leaves the snapshot', () => {
  expect(publishedStatus(after(['start', 'stop']))).toBe('STOPPED')
  expect(publishedStatus(after(['start', 'pause', 'resume', 'stop']))).toBe('STOPPED')
  expect(publishedStatus(after(['start', 'pause', 'stop']))).toBeUndefined()
  expect(publishedStatus(after(['start', 'pause', 'resume', 'pause', 'stop']))).toBeUndefined()
})

test('only what changes assignment needs a snapshot', () => {
  const running = after(['start'])
  expect(altersAssignment(null, after([]))).toBe(false)
  expect(altersAssignment(after([]), running)).toBe(true)
  expect(altersAssignment(running, { ...running, name: 'New', hypothesis: 'New', revision: 9 })).toBe(false)
  expect(altersAssignment(running, { ...running, coverage: 0.5 })).toBe(true)
  expect(altersAssignment(running, { ...running, condition: { country: 'SE' } })).toBe(true)
  expect(altersAssignment(running, after(['start', 'pause']))).toBe(true)
  expect(altersAssignment(after(['start', 'pause']), after(['start', 'pause', 'stop']))).toBe(true)
})

test('what experiments take in a snapshot adds up to its size', () => {
  const listing = ['a', 'é', 'c'].map((key) => experiment({ key, surfaces: [`ü-${key}`] }))
  const sizeOf = (listed: readonly Experiment[]) =>
    Buffer.byteLength(JSON.stringify(nextSnapshot(null, listed, NO_TARGETING, 0, NO_MODEL_DECISIONS)))
  const added = listing.reduce((sum, one) => sum + listedBytes(one), 0)
  expect(sizeOf(listing)).toBe(sizeOf([]) + added - 1)
  expect(listedBytes(experiment({ status: 'DRAFT' }))).toBe(0)
})

test('whatever steps are taken, a stop changes nothing for any unit', () => {
  const step = fc.constantFrom(...SIMPLE_STEPS)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), fc.string({ minLength: 1 }), (steps, unit) => {
      const before = after(['start', ...steps])
      const stopped = after(['start', ...steps, 'stop'])
      function seen(stored: Experiment) {
        const [assignment] = assign(
          nextSnapshot(null, [stored], NO_TARGETING, 0, NO_MODEL_DECISIONS),
          { userId: unit },
          {},
        )
        return { included: assignment?.included ?? false, variant: assignment?.variant ?? null }
      }
      expect(stopped.status).toBe('STOPPED')
      expect(seen(stopped)).toEqual(seen(before))
    }),
  )
})

test('a variant of a snapshot keeps its weight and payload, and takes its name from the experiment', () => {
  const stored = experiment()
  const snapshot: Pick<AssignmentSnapshot, 'experiments'> = nextSnapshot(
    null,
    [stored],
    NO_TARGETING,
    0,
    NO_MODEL_DECISIONS,
  )
  const renamed: Experiment = {
    ...stored,
    variants: stored.variants.map((variant) => ({ ...variant, name: 'New', weight: 0.1, payload: null })),
  }
  expect(variantInSnapshot(snapshot, renamed, 'treatment')).toEqual({ ...stored.variants[1], name: 'New' })
  const { variants } = stored
  const replaced: Experiment = {
    ...stored,
    variants: variants.map((variant) => ({ ...variant, key: `${variant.key}-2` })),
    versions: [{ version: 1, since: 1, variants, ramp: [] }],
  }
  expect(variantInSnapshot(snapshot, replaced, 'treatment')).toEqual(stored.variants[1])
  expect(variantInSnapshot(snapshot, renamed, 'absent')).toBeNull()
  expect(variantInSnapshot({ experiments: [] }, renamed, 'treatment')).toBeNull()
})

import { MAX_SNAPSHOT_BYTES, readSnapshot } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { EMPTY_LOG } from '../../domain/audit/entry.ts'
import type { Experiment } from '../../domain/experiment.ts'
import { NO_MODEL_DECISIONS } from '../../domain/governance/model-decisions.ts'
import { isListed } from '../../domain/publishing.ts'
import { takeStep } from '../../domain/steps.ts'
import { type TargetingDefinition, toTargeting } from '../../domain/targeting/definitions.ts'
import { sampleGroup, sampleHoldout, sampleLayer } from '../../testing/sample-targeting.ts'
import { NOON, sampleExperiment } from '../../testing/samples.ts'
import { keyring, signing } from '../../testing/test-app.ts'
import { createSigner } from '../signer.ts'
import type { ChangeOutcome } from './change.ts'
import { beginBatch } from './change-batch.ts'

const { sign } = createSigner(signing)

/** Some room is left for a longer version or key id. */
const LIMIT = MAX_SNAPSHOT_BYTES - 2 * 1024

const LAYER: TargetingDefinition = { kind: 'layer', value: sampleLayer() }
const GROUP: TargetingDefinition = { kind: 'savedGroup', value: sampleGroup() }

function begin(
  experiments: readonly Experiment[],
  definitions: readonly TargetingDefinition[] = [LAYER, GROUP],
) {
  const all = new Map(experiments.map((experiment) => [experiment.key, experiment]))
  const listed = new Map([...all].filter(([, experiment]) => isListed(experiment)))
  const head = { ...EMPTY_LOG, snapshotVersion: 998 }
  const stored = {
    head,
    listed,
    experiments: all,
    metrics: new Map(),
    targeting: toTargeting(definitions),
    decisions: NO_MODEL_DECISIONS,
  }
  return beginBatch(stored, { now: NOON, sign })
}

type Batch = ReturnType<typeof begin>
const about = { action: 'a', by: 'ana', reason: 'r', urgent: false, needs: { experiments: [], metrics: [] } }

function step(batch: Batch, key: string, action: 'start' | 'pause' | 'stop' | 'resume'): ChangeOutcome {
  return batch.add({
    ...about,
    decide(state) {
      const experiment = state.experiment(key)
      if (experiment === undefined) throw new Error('it is there')
      return takeStep(experiment, action, { at: state.at, by: 'ana', reason: 'r' }, 0)
    },
  })
}

function replace(batch: Batch, experiment: Experiment): ChangeOutcome {
  return batch.add({ ...about, decide: () => ({ type: 'changed', experiment }) })
}

function save(batch: Batch, definition: TargetingDefinition): ChangeOutcome {
  return batch.add({ ...about, decide: () => ({ type: 'saved', definition }) })
}

function draft(key: string, overrides: Partial<Experiment> = {}): Experiment {
  return sampleExperiment({ key, surfaces: [key], ...overrides })
}

function running(key: string, overrides: Partial<Experiment> = {}): Experiment {
  return draft(key, { status: 'RUNNING', startedAt: 1, ...overrides })
}

function at(from: number, to: number): Pick<Experiment, 'layer'> {
  return { layer: { key: 'ranking', from, to } }
}

const targeted = { condition: { userId: { $inGroup: 'staff' } } }

describe('a range of a layer', () => {
  test('is taken by the start, one on the result of the other', () => {
    const batch = begin([draft('a', at(0, 0.5)), draft('b', at(0.4999, 1)), draft('c', at(0.5, 1))])
    expect(step(batch, 'a', 'start').type).toBe('changed')
    expect(step(batch, 'b', 'start')).toEqual({
      type: 'refused',
      refusal: {
        type: 'layer-conflict',
        layer: 'ranking',
        holders: [{ experimentKey: 'a', from: 0, to: 0.5 }],
      },
    })
    expect(step(batch, 'c', 'start').type).toBe('changed')
    expect(batch.finish()?.snapshot).toMatchObject({
      layers: [{ key: 'ranking' }],
      experiments: [
        { key: 'a', layer: { from: 0, to: 0.5, hashVersion: 2 } },
        { key: 'c', layer: { from: 0.5, to: 1, hashVersion: 2 } },
      ],
    })
  })

  test('is widened, also by a paused experiment, only into what is free', () => {
    const batch = begin([running('a', at(0, 0.4)), running('b', at(0.5, 1))])
    expect(step(batch, 'a', 'pause').type).toBe('changed')
    const paused = { ...running('a'), status: 'PAUSED' as const, revision: 3 }
    expect(replace(batch, { ...paused, ...at(0, 0.5001) })).toMatchObject({
      refusal: { type: 'layer-conflict', holders: [{ experimentKey: 'b' }] },
    })
    expect(replace(batch, { ...paused, ...at(0, 0.5) }).type).toBe('changed')
  })

  test('is free again once its experiment has left the snapshot', () => {
    const batch = begin([running('a', at(0, 1)), draft('b', at(0, 1))])
    expect(step(batch, 'a', 'stop').type).toBe('changed')
    expect(step(batch, 'b', 'start').type).toBe('refused')
    const decided = { ...running('a', at(0, 1)), status: 'DECIDED' as const, revision: 3 }
    expect(replace(batch, decided).type).toBe('changed')
    expect(step(batch, 'b', 'start').type).toBe('changed')
  })
})

describe('a prerequisite', () => {
  const needsA = { prerequisites: [{ experimentKey: 'a', variantKeys: null }] }

  test('has to run before what needs it, and is decided after it', () => {
    const batch = begin([draft('a'), draft('b', needsA)])
    expect(step(batch, 'b', 'start')).toEqual({
      type: 'refused',
      refusal: { type: 'prerequisites-unresolvable', experimentKeys: ['a'], problem: 'missing' },
    })
    expect(step(batch, 'a', 'start').type).toBe('changed')
    expect(step(batch, 'b', 'start').type).toBe('changed')
    // The kill switch and the stop are never held up.
    expect(step(batch, 'a', 'pause').type).toBe('changed')
    expect(step(batch, 'a', 'resume').type).toBe('changed')
    expect(step(batch, 'a', 'stop').type).toBe('changed')
    const decided = { ...running('a'), status: 'DECIDED' as const, revision: 7 }
    expect(replace(batch, decided)).toEqual({
      type: 'refused',
      refusal: { type: 'prerequisite-in-use', experimentKeys: ['b'] },
    })
    expect(replace(batch, { ...running('b', needsA), status: 'DECIDED', revision: 3 }).type).toBe('changed')
    expect(replace(batch, decided).type).toBe('changed')
  })
})

describe('a holdout', () => {
  const holdout: TargetingDefinition = { kind: 'holdout', value: sampleHoldout() }

  test('is in a new snapshot where it covers a listed experiment', () => {
    const batch = begin([running('a')])
    expect(save(batch, holdout).type).toBe('saved')
    const writes = batch.finish()
    expect(writes?.snapshot).toMatchObject({ version: 999, holdouts: [{ key: 'global', share: 0.05 }] })
    expect(readSnapshot(JSON.parse(JSON.stringify(writes?.snapshot)), keyring).type).toBe('snapshot')
    expect(writes?.definitions).toEqual([{ definition: holdout, expectedVersion: 0 }])
    expect(writes?.entries).toMatchObject([{ subject: 'holdout:global', before: null, after: holdout.value }])
    expect(batch.after()).toMatchObject({ head: { sequence: 1, snapshotVersion: 999 } })
  })

  test.each([
    ['nothing is listed', [draft('a')], []],
    ['its layers have no experiment', [running('a')], ['ranking']],
  ])('makes no snapshot where %s, but is in the next one that needs it', (_, experiments, layers) => {
    const batch = begin([...experiments, draft('b', at(0, 1))])
    save(batch, { kind: 'holdout', value: sampleHoldout({ layers }) })
    expect(batch.finish()?.snapshot).toBeNull()
    step(batch, 'b', 'start')
    expect(batch.finish()?.snapshot).toMatchObject({ holdouts: [{ key: 'global' }] })
  })
})

describe('a saved group', () => {
  const next: TargetingDefinition = { kind: 'savedGroup', value: sampleGroup({ version: 2, values: ['u3'] }) }

  test('is replaced in a new snapshot where a listed experiment targets by it', () => {
    const batch = begin([running('a', targeted)])
    expect(save(batch, next).type).toBe('saved')
    const writes = batch.finish()
    expect(writes?.snapshot).toMatchObject({ version: 999, savedGroups: { staff: ['u3'] } })
    expect(writes?.definitions).toEqual([{ definition: next, expectedVersion: 1 }])
    expect(writes?.entries).toMatchObject([
      {
        subject: 'savedGroup:staff',
        before: { values: ['u1', 'u2'], version: 1 },
        after: { values: ['u3'] },
      },
    ])
  })

  test.each<[string, Experiment, TargetingDefinition]>([
    ['nobody targets by it', running('a'), next],
    ['who targets by it is a draft', draft('a', targeted), next],
    [
      'only its name is another one',
      running('a', targeted),
      { kind: 'savedGroup', value: sampleGroup({ version: 2, name: 'N' }) },
    ],
  ])('makes no snapshot where %s', (_, experiment, definition) => {
    const batch = begin([experiment])
    expect(save(batch, definition).type).toBe('saved')
    expect(batch.finish()).toMatchObject({ snapshot: null, entries: [{ subject: 'savedGroup:staff' }] })
  })

  test('stays as it is while a stopped experiment targets by it, so that nobody loses what they have', () => {
    const batch = begin([running('a', targeted), running('b', targeted)])
    step(batch, 'b', 'stop')
    expect(save(batch, next)).toEqual({
      type: 'refused',
      refusal: { type: 'group-in-use', experimentKeys: ['b'] },
    })
  })

  test('counts towards the size of the snapshot, to the octet', () => {
    const filler = 'é'.repeat(100)
    const values = Array.from({ length: 10 }, (_, index) => `${index}${filler}`)
    const group: TargetingDefinition = { kind: 'savedGroup', value: sampleGroup({ version: 2, values }) }
    const other: TargetingDefinition = {
      kind: 'savedGroup',
      value: sampleGroup({ key: 'other', values: [1] }),
    }
    const condition = { userId: { $inGroup: 'staff' }, age: { $notInGroup: 'other' } }
    const withFiller = (length: number) => {
      const variants = [
        {
          key: 'only',
          name: 'Only',
          weight: 1,
          payload: { modelVersionId: 'x'.repeat(length) },
          isControl: true,
        },
      ]
      return begin([running('a', { condition, variants, ...at(0, 1) })], [LAYER, GROUP, other])
    }
    const probe = withFiller(0)
    save(probe, group)
    const length = LIMIT - Buffer.byteLength(JSON.stringify(probe.finish()?.snapshot))

    const fits = withFiller(length)
    expect(save(fits, group).type).toBe('saved')
    expect(Buffer.byteLength(JSON.stringify(fits.finish()?.snapshot))).toBe(LIMIT)
    expect(save(withFiller(length + 1), group)).toEqual({
      type: 'refused',
      refusal: { type: 'snapshot-too-large', bytes: LIMIT + 1, limit: LIMIT },
    })
    // What makes it smaller is possible even then.
    const smaller: TargetingDefinition = {
      kind: 'savedGroup',
      value: sampleGroup({ version: 2, values: [] }),
    }
    expect(save(withFiller(length + 2_000), smaller).type).toBe('saved')
  })
})

test('a change that stores nothing but its entry is in the log', () => {
  const batch = begin([])
  batch.add({ ...about, decide: () => ({ type: 'noted', subject: 'qaOverride:a', facts: { unit: 'u1' } }) })
  expect(batch.finish()).toMatchObject({
    entries: [{ subject: 'qaOverride:a', before: null, after: { unit: 'u1' } }],
    definitions: [],
    experiments: [],
    snapshot: null,
  })
})

import { MAX_SNAPSHOT_BYTES } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { EMPTY_LOG } from '../../domain/audit/entry.ts'
import type { Experiment } from '../../domain/experiment.ts'
import { NO_MODEL_DECISIONS } from '../../domain/governance/model-decisions.ts'
import { isListed, MAX_LISTED_EXPERIMENTS } from '../../domain/publishing.ts'
import { takeStep } from '../../domain/steps.ts'
import { NO_TARGETING } from '../../domain/targeting/definitions.ts'
import { NOON, sampleExperiment } from '../../testing/samples.ts'
import { signing } from '../../testing/test-app.ts'
import { createSigner } from '../signer.ts'
import { beginBatch } from './change-batch.ts'

const { sign } = createSigner(signing)

function running(key: string, filler = ''): Experiment {
  return sampleExperiment({
    key,
    status: 'RUNNING',
    startedAt: 1,
    surfaces: [key],
    variants: [
      { key: 'only', name: 'Only', weight: 1, payload: { modelVersionId: filler }, isControl: true },
    ],
  })
}

function begin(experiments: readonly Experiment[]) {
  const all = new Map(experiments.map((experiment) => [experiment.key, experiment]))
  const listed = new Map([...all].filter(([, experiment]) => isListed(experiment)))
  const head = { ...EMPTY_LOG, snapshotVersion: 998 }
  return beginBatch(
    {
      head,
      listed,
      experiments: all,
      metrics: new Map(),
      targeting: NO_TARGETING,
      decisions: NO_MODEL_DECISIONS,
    },
    { now: NOON, sign },
  )
}

function step(batch: ReturnType<typeof begin>, key: string, action: 'start' | 'pause' | 'stop' | 'resume') {
  return batch.add({
    action,
    by: 'ana',
    reason: 'r',
    urgent: false,
    needs: { experiments: [key], metrics: [] },
    decide(state) {
      const experiment = state.experiment(key)
      if (experiment === undefined) throw new Error('it is there')
      return takeStep(experiment, action, { at: state.at, by: 'ana', reason: 'r' }, 0)
    },
  })
}

/** Octets of the snapshot after `new` was started beside an experiment with this filler. */
function bytesWith(filler: number): number {
  const batch = begin([running('big', 'x'.repeat(filler)), draft()])
  step(batch, 'new', 'start')
  return Buffer.byteLength(JSON.stringify(batch.finish()?.snapshot))
}

function draft(key = 'new'): Experiment {
  return sampleExperiment({ key, surfaces: [key] })
}

/** Some room is left for a longer version or key id. */
const LIMIT = MAX_SNAPSHOT_BYTES - 2 * 1024

test('a snapshot is published up to the size that is allowed, and not an octet beyond', () => {
  const filler = LIMIT - bytesWith(0)
  const fits = begin([running('big', 'x'.repeat(filler)), draft()])
  expect(step(fits, 'new', 'start').type).toBe('changed')
  expect(Buffer.byteLength(JSON.stringify(fits.finish()?.snapshot))).toBe(LIMIT)

  const full = begin([running('big', 'x'.repeat(filler + 1)), draft()])
  expect(step(full, 'new', 'start')).toEqual({
    type: 'refused',
    refusal: { type: 'snapshot-too-large', bytes: LIMIT + 1, limit: LIMIT },
  })
  // What was published before the limit was there can always be switched off and ended.
  expect(step(full, 'big', 'pause').type).toBe('changed')
  expect(step(full, 'big', 'stop').type).toBe('changed')
  expect(full.finish()?.snapshot?.experiments).toEqual([])
})

test('an edit of what is paused may not go beyond the limit either, and may always make it smaller', () => {
  const filler = LIMIT - bytesWith(0)
  const batch = begin([running('big', 'x'.repeat(filler)), draft()])
  function ramp(coverage: number) {
    return batch.add({
      action: 'edit',
      by: 'ana',
      reason: 'r',
      urgent: false,
      needs: { experiments: ['new'], metrics: [] },
      decide(state) {
        const experiment = state.experiment('new')
        if (experiment === undefined) throw new Error('it is there')
        return { type: 'changed', experiment: { ...experiment, coverage } }
      },
    })
  }
  step(batch, 'new', 'start')
  step(batch, 'new', 'pause')
  expect(ramp(0.123456789)).toMatchObject({ refusal: { type: 'snapshot-too-large' } })
  step(batch, 'big', 'pause')
  step(batch, 'big', 'stop')
  expect(ramp(0.123456789).type).toBe('changed')

  const beyond = begin([running('big', 'x'.repeat(MAX_SNAPSHOT_BYTES)), running('new')])
  expect(step(beyond, 'new', 'pause').type).toBe('changed')
  expect(step(beyond, 'new', 'resume')).toMatchObject({ refusal: { type: 'snapshot-too-large' } })
})

test('as many experiments are listed as is allowed, and not one more', () => {
  const others = Array.from({ length: MAX_LISTED_EXPERIMENTS - 1 }, (_, index) => running(`e${index}`))
  const batch = begin([...others, draft('a'), draft('b')])
  expect(step(batch, 'a', 'start').type).toBe('changed')
  expect(step(batch, 'b', 'start')).toEqual({
    type: 'refused',
    refusal: { type: 'snapshot-full', limit: MAX_LISTED_EXPERIMENTS },
  })
  expect(step(batch, 'e0', 'pause').type).toBe('changed')
  expect(step(batch, 'b', 'start').type).toBe('refused')
  // Stopped while it was paused, it makes room.
  expect(step(batch, 'e0', 'stop').type).toBe('changed')
  expect(step(batch, 'b', 'start').type).toBe('changed')
  expect(step(batch, 'e1', 'pause').type).toBe('changed')
  expect(step(batch, 'e1', 'resume').type).toBe('changed')
})

test('changes of one batch are decided one on the result of the other, and stored once', () => {
  const batch = begin([draft()])
  for (const action of ['start', 'pause', 'resume', 'stop'] as const) {
    expect(step(batch, 'new', action).type).toBe('changed')
  }
  expect(step(batch, 'new', 'resume').type).toBe('refused')
  const writes = batch.finish()
  expect(writes?.entries.map(({ sequence, action }) => [sequence, action])).toEqual([
    [1, 'start'],
    [2, 'pause'],
    [3, 'resume'],
    [4, 'stop'],
  ])
  expect(writes?.experiments).toMatchObject([{ expectedRevision: 1, experiment: { revision: 5 } }])
  expect(writes?.snapshot).toMatchObject({ version: 999, experiments: [{ status: 'STOPPED' }] })
})

test('time does not go back from one change to the next, whatever the clocks of replicas say', () => {
  const head = { ...EMPTY_LOG, at: NOON + 5_000, snapshotVersion: 1 }
  const all = new Map([['new', draft()]])
  const batch = beginBatch(
    {
      head,
      listed: new Map(),
      experiments: all,
      metrics: new Map(),
      targeting: NO_TARGETING,
      decisions: NO_MODEL_DECISIONS,
    },
    { now: NOON, sign },
  )
  expect(step(batch, 'new', 'start')).toMatchObject({ experiment: { startedAt: NOON + 5_000 } })
})

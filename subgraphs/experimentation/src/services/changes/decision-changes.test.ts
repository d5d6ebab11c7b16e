import { MAX_SNAPSHOT_BYTES } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { EMPTY_LOG } from '../../domain/audit/entry.ts'
import { NO_MODEL_DECISIONS } from '../../domain/governance/model-decisions.ts'
import { NO_TARGETING, withDefinitions } from '../../domain/targeting/definitions.ts'
import { sampleBootstrap, sampleShip, sampleShipped } from '../../testing/sample-decisions.ts'
import { sampleGroup } from '../../testing/sample-targeting.ts'
import { NOON, sampleExperiment } from '../../testing/samples.ts'
import { signing } from '../../testing/test-app.ts'
import { createSigner } from '../signer.ts'
import type { Change, ChangeOutcome } from './change.ts'
import { beginBatch } from './change-batch.ts'

const { sign, signBootstrap } = createSigner(signing)
const LIMIT = MAX_SNAPSHOT_BYTES - 2 * 1024

const SIGNED = sampleBootstrap({
  revision: 2,
  status: 'APPROVED',
  signed: signBootstrap({
    kind: 'bootstrap',
    modelVersionId: 'ease-v1',
    artefactHash: 'ab'.repeat(32),
    evaluationHash: null,
    rationale: 'r',
    decidedBy: 'ana',
    decidedAt: new Date(NOON).toISOString(),
    reviewedBy: ['ben'],
  }),
})
const VERSIONS = new Map(
  [{ id: 'ease-v1', stage: 'EVALUATED' as const, change: 2, artefactHash: 'ab'.repeat(32) }].map((one) => [
    one.id,
    one,
  ]),
)

/** On a snapshot whose only experiment targets by a group of this many octets. */
function begin(octets: number, decisions = { ...NO_MODEL_DECISIONS, versions: VERSIONS }) {
  const condition = { userId: { $inGroup: 'staff' } }
  const listed = new Map([
    ['mix', sampleExperiment({ key: 'mix', status: 'RUNNING', startedAt: 1, condition })],
  ])
  const group = { kind: 'savedGroup', value: sampleGroup({ values: ['x'.repeat(octets)] }) } as const
  const targeting = withDefinitions(NO_TARGETING, [group])
  const head = { ...EMPTY_LOG, snapshotVersion: 998 }
  const stored = { head, listed, experiments: listed, metrics: new Map(), targeting, decisions }
  return beginBatch(stored, { now: NOON, sign })
}

function change(outcome: ChangeOutcome): Change {
  const needs = { experiments: [], metrics: [] }
  return { action: 'a', by: 'ana', reason: 'r', urgent: false, needs, decide: () => outcome }
}

const APPROVED = change({ type: 'bootstrapped', bootstrap: SIGNED })

test('a decision is published only where the snapshot has room for it, to the octet', () => {
  const probe = begin(1)
  probe.add(APPROVED)
  const octets = 1 + LIMIT - Buffer.byteLength(JSON.stringify(probe.finish()?.snapshot))
  const fits = begin(octets)
  expect(fits.add(APPROVED).type).toBe('bootstrapped')
  expect(Buffer.byteLength(JSON.stringify(fits.finish()?.snapshot))).toBe(LIMIT)

  const full = begin(octets + 1)
  expect(full.add(APPROVED)).toMatchObject({ refusal: { type: 'snapshot-too-large', bytes: LIMIT + 1 } })
  expect(full.finish()).toBeNull()
  const unsigned = change({ type: 'bootstrapped', bootstrap: sampleBootstrap() })
  expect(full.add(unsigned).type).toBe('bootstrapped')
  expect(full.finish()?.snapshot).toBeNull()
})

test('a change of stage does not publish a snapshot that is too large', () => {
  const before = { decisions: [] }
  const republished = change({ type: 'republished', subject: 'snapshot', before, after: before })
  expect(begin(1).add(republished).type).toBe('republished')
  expect(begin(LIMIT).add(republished)).toMatchObject({ refusal: { type: 'snapshot-too-large' } })
})

test('the SHIP that becomes final first ends the time of bootstrap decisions for what follows it in the batch', () => {
  const batch = begin(1)
  expect(batch.add(APPROVED).type).toBe('bootstrapped')
  batch.add(change({ type: 'changed', experiment: sampleShipped('first', 'm2') }))
  const seen: unknown[] = []
  batch.add({
    ...change({ type: 'unchanged' }),
    decide({ decisions }) {
      seen.push(decisions.firstShip)
      return { type: 'unchanged' }
    },
  })
  expect(seen).toEqual(['first'])
  const writes = batch.finish()
  expect(writes?.entries.map(({ subject }) => subject)).toEqual(['bootstrap:ease-v1', 'experiment:first'])
  // Its version is still EVALUATED, and a model was shipped.
  expect(writes?.snapshot?.decisions).toEqual([])
  expect(batch.after().decisions.shipped.get('first')).toEqual(sampleShip('first', 'm2'))
})

import { modelStageChangedEventSchema, modelStageEventId } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import { modelStageEvents } from './model-stage-events.ts'

const change = { at: NOON, by: 'ada', reason: 'trained' } as const
const version = sampleModelVersion('ranking-v3', {
  artefactHash: 'ab'.repeat(32),
  stageHistory: [
    { from: null, to: 'REGISTERED', ...change },
    { from: 'REGISTERED', to: 'PRODUCTION', ...change },
  ],
})

test('each change of stage is an event of its own, numbered from 1', () => {
  const events = modelStageEvents(version, 0)
  expect(events.map((event) => modelStageChangedEventSchema.parse(event))).toEqual(events)
  expect(events.map(({ from, to, change }) => [change, from, to])).toEqual([
    [1, null, 'REGISTERED'],
    [2, 'REGISTERED', 'PRODUCTION'],
  ])
  expect(events[1]).toMatchObject({
    eventId: modelStageEventId('ranking-v3', 2),
    modelVersionId: 'ranking-v3',
    artefactHash: version.artefactHash,
  })
})

test('changes that were told before are left out, and the others keep their numbers', () => {
  expect(modelStageEvents(version, 1)).toEqual(modelStageEvents(version, 0).slice(1))
  expect(modelStageEvents(version, 2)).toEqual([])
})

test('why a version left is told: replaced, or taken out because of how it did, wherever it was', () => {
  const left = { from: 'PRODUCTION', to: 'RETIRED', ...change } as const
  const reasons = [
    { ...left, successorId: 'ranking-v4' },
    { ...left, evidence: { kind: 'ROLLBACK', hash: null } },
    { ...left, evidence: { kind: 'GUARDRAIL', hash: null } },
    { from: 'EXPERIMENT', to: 'RETIRED', ...change },
    // The model of a variant, and one that was replaced and that a control group still has.
    { from: 'EXPERIMENT', to: 'RETIRED', ...change, evidence: { kind: 'GUARDRAIL', hash: null } },
    { from: 'RETIRED', to: 'RETIRED', ...change, evidence: { kind: 'GUARDRAIL', hash: null } },
  ].map((last) => modelStageEvents(sampleModelVersion('v', { stageHistory: [last as never] }), 0)[0])
  expect(reasons.map((event) => event?.reason)).toEqual([
    ...['replaced', 'rolled-back', 'rolled-back', undefined],
    ...['rolled-back', 'rolled-back'],
  ])
})

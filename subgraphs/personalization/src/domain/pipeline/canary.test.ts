import type { AssignmentSnapshot } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleCatalogue, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleExperiment, sampleSnapshot, sampleTreatment } from '../../testing/samples/experiments.ts'
import { sampleFailingModel, sampleLoadedModel, sampleRankingModel } from '../../testing/samples/models.ts'
import { sampleQuery, sampleRequest } from '../../testing/samples/serving.ts'
import { createTestObserver } from '../../testing/test-observer.ts'
import { createTestPipeline } from '../../testing/test-pipeline.ts'
import { createAssignmentStage } from './assignment/assignment-stage.ts'
import { type Pipeline, runPipeline, runUnassigned } from './pipeline.ts'

const PRODUCTION = sampleLoadedModel(sampleRankingModel(['i1', 'i2']), 'ease-v2')
const CANARY = sampleLoadedModel(sampleRankingModel(['i3', 'i4']), 'ease-v3')
const PINNED = sampleLoadedModel(sampleRankingModel(['i5', 'i6']), 'ease-v9')

function pipelineUnder(snapshot: AssignmentSnapshot | null, overrides: Partial<Pipeline> = {}): Pipeline {
  const models = {
    production: () => PRODUCTION,
    previous: () => null,
    byVersionId: (id: string) => (id === PINNED.version.id ? PINNED : null),
    isAwaited: (id: string) => id === 'awaited-v1',
  }
  return createTestPipeline(sampleQuery({ catalogue: sampleCatalogue(sampleItems(20)) }), {
    models,
    canary: { modelFor: () => CANARY },
    assignment: createAssignmentStage({ snapshots: { current: () => snapshot }, models }),
    observer: createTestObserver(),
    ...overrides,
  })
}

async function servedUnder(snapshot: AssignmentSnapshot | null, overrides: Partial<Pipeline> = {}) {
  const { modelVersionId, served } = await runPipeline(sampleRequest(), pipelineUnder(snapshot, overrides))
  return `${served.rung} ${modelVersionId}`
}

test('a listener of the canary is served by it, beside experiments that are not about models', async () => {
  expect(await servedUnder(sampleSnapshot())).toBe('MODEL ease-v3')
  const explores = sampleTreatment('explores', { exploration: { epsilon: 0.5 } })
  expect(await servedUnder(sampleSnapshot(explores))).toBe('MODEL ease-v3')
})

test.each([
  ['their variant pins one', sampleTreatment('pins', { modelVersionId: 'ease-v9' }), 'ease-v9'],
  [
    'only the variant of others pins one',
    sampleExperiment('control', {
      variants: [
        { key: 'control', weight: 1, payload: null },
        { key: 'treatment', weight: 0, payload: { modelVersionId: 'ease-v9' } },
      ],
    }),
    'ease-v2',
  ],
  [
    'one of its models is still being loaded',
    sampleTreatment('awaits', { modelVersionId: 'awaited-v1' }),
    'ease-v2',
  ],
])('nobody in an experiment about models meets a canary: %s', async (_, experiment, served) => {
  expect(await servedUnder(sampleSnapshot(experiment))).toBe(`MODEL ${served}`)
})

test('before the first snapshot, and while nothing can be recorded, nobody meets it', async () => {
  expect(await servedUnder(null)).toBe('MODEL ease-v2')
  expect(await servedUnder(sampleSnapshot(), { whyUnrecordable: () => 'OUTBOX_FULL' })).toBe('MODEL ease-v2')
  const pipeline = pipelineUnder(sampleSnapshot())
  const first = await runPipeline(sampleRequest(), pipeline)
  const second = await runUnassigned(sampleRequest(), first, 'COMMIT_FAILED', pipeline)
  expect(second.modelVersionId).toBe('ease-v2')
})

test('where the canary fails, the model in production stands in', async () => {
  const failing = { ...CANARY, model: sampleFailingModel() }
  expect(await servedUnder(sampleSnapshot(), { canary: { modelFor: () => failing } })).toBe(
    'PREVIOUS_MODEL ease-v2',
  )
})

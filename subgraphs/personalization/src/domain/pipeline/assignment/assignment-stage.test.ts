import type { AssignmentSnapshot } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { sampleExperiment, sampleSnapshot, sampleTreatment } from '../../../testing/samples/experiments.ts'
import { sampleLoadedModel, sampleRankingModel } from '../../../testing/samples/models.ts'
import { sampleRequest } from '../../../testing/samples/serving.ts'
import { createTestObserver } from '../../../testing/test-observer.ts'
import type { RecommendationRequest } from '../query.ts'
import { runStage } from '../stage.ts'
import { NO_ASSIGNMENTS, unassignedPlan } from './assignment-plan.ts'
import { createAssignmentStage } from './assignment-stage.ts'
import { DEFAULT_PARAMETERS } from './serving-parameters.ts'

const LOADED = sampleLoadedModel(sampleRankingModel([]), 'item-to-item-v2')
const AWAITED = 'item-to-item-v3'

async function planUnder(current: () => AssignmentSnapshot | null) {
  const stage = createAssignmentStage({
    snapshots: { current },
    models: {
      byVersionId: (id) => (id === LOADED.version.id ? LOADED : null),
      isAwaited: (id) => id === AWAITED,
    },
  })
  return (await runStage(stage, sampleRequest(), undefined, createTestObserver())).output
}

describe('assignment', () => {
  test('before the first snapshot there is nothing to assign', async () => {
    expect(await planUnder(() => null)).toBe(NO_ASSIGNMENTS)
  })

  test('takes the experiments that include the user on this surface, and merges their payloads', async () => {
    const plan = await planUnder(() =>
      sampleSnapshot(
        sampleTreatment('explores', { exploration: { epsilon: 0.5 } }),
        { ...sampleTreatment('elsewhere', { diversity: { maxPerCreator: 1 } }), surfaces: ['search'] },
        { ...sampleTreatment('paused', { diversity: { maxPerCreator: 2 } }), status: 'PAUSED' },
        sampleTreatment('pins-absent', { modelVersionId: 'item-to-item-v9' }),
        sampleTreatment('pins', { modelVersionId: 'item-to-item-v2' }),
        sampleExperiment('nobody', { coverage: 0 }),
      ),
    )
    expect(plan.included.map(({ experiment }) => experiment.key)).toEqual(['explores', 'pins-absent', 'pins'])
    expect([...plan.ignored].map(({ experiment }) => experiment.key)).toEqual(['pins-absent'])
    expect(plan).toMatchObject({
      snapshotVersion: 12,
      parameters: { ...DEFAULT_PARAMETERS, epsilon: 0.5, modelVersionId: 'item-to-item-v2' },
      unassigned: null,
    })
  })

  test('nobody is in an experiment while one of its models is being loaded, in control neither', async () => {
    const { included } = await planUnder(() =>
      sampleSnapshot(
        sampleTreatment('awaits', { modelVersionId: AWAITED }),
        sampleExperiment('awaits-for-others', {
          variants: [
            { key: 'control', weight: 1, payload: null },
            { key: 'treatment', weight: 0, payload: { modelVersionId: AWAITED } },
          ],
        }),
        sampleTreatment('pins', { modelVersionId: 'item-to-item-v2' }),
      ),
    )
    expect(included.map(({ experiment }) => experiment.key)).toEqual(['pins'])
  })

  test('targets by the attributes of the request and by the user', async () => {
    const stage = createAssignmentStage({
      snapshots: {
        current: () => ({
          ...sampleSnapshot(
            sampleExperiment('dutch', { condition: { country: 'NL' } }),
            sampleExperiment('staff', { condition: { userId: { $inGroup: 'staff' } } }),
          ),
          savedGroups: { staff: ['u1'] },
        }),
      },
      models: { byVersionId: () => null, isAwaited: () => false },
    })
    const keysFor = async (request: Partial<RecommendationRequest>) => {
      const { output } = await runStage(stage, sampleRequest(request), undefined, createTestObserver())
      return output.included.map(({ experiment }) => experiment.key)
    }
    expect(await keysFor({ attributes: { country: 'NL' } })).toEqual(['dutch', 'staff'])
    expect(await keysFor({ attributes: { country: 'SE' } })).toEqual(['staff'])
    expect(await keysFor({ attributes: null })).toEqual(['staff'])
    expect(await keysFor({ userId: 'u2', attributes: { userId: 'u1' } })).toEqual([])
  })

  test('shows testers what their overrides ask for, never counted', async () => {
    const stage = createAssignmentStage({
      snapshots: {
        current: () => sampleSnapshot(sampleExperiment('nobody', { coverage: 0 })),
      },
      models: { byVersionId: () => null, isAwaited: () => false },
    })
    const reasonsFor = async (unit: string) => {
      const overrides = [{ experimentKey: 'nobody', variantKey: 'treatment', unit }]
      const { output } = await runStage(stage, sampleRequest({ overrides }), undefined, createTestObserver())
      return output.included.map(({ reason, variant }) => [reason, variant?.key])
    }
    expect(await reasonsFor('u1')).toEqual([['FORCED', 'treatment']])
    expect(await reasonsFor('u2')).toEqual([])
  })

  test('that fails assigns nobody, and says so', async () => {
    const plan = await planUnder(() => {
      throw new Error('the snapshot is broken')
    })
    expect(plan).toEqual(unassignedPlan('ASSIGNMENT_FAILED'))
  })
})

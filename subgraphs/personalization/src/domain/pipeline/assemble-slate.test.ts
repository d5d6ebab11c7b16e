import { decodeExposureContext, readSlateId } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../testing/samples/catalogue.ts'
import { sampleSnapshot, sampleTreatment } from '../../testing/samples/experiments.ts'
import { sampleRequest } from '../../testing/samples/serving.ts'
import { NOON } from '../../testing/samples/time.ts'
import { serveQuery } from '../../testing/test-pipeline.ts'
import { createTestRandom } from '../../testing/test-random.ts'
import { assembleSlate } from './assemble-slate.ts'
import { createAssignmentStage } from './assignment/assignment-stage.ts'

const OPTIONS = { now: NOON, random: createTestRandom(), producer: 'personalization-1' }

function servingUnder(experiments: number) {
  const keys = Array.from({ length: experiments }, (_, at) => `e${at}`)
  const snapshot = sampleSnapshot(...keys.map((key) => sampleTreatment(key, null)))
  return serveQuery(
    { catalogue: sampleCatalogue(sampleItems(9), sampleItemIds(9)) },
    {
      assignment: createAssignmentStage({
        snapshots: { current: () => snapshot },
        models: { byVersionId: () => null, isAwaited: () => false },
      }),
    },
  )
}

describe('a slate', () => {
  test('holds the request and what the pipeline decided, under an id of its user and instant', async () => {
    const serving = await servingUnder(1)
    const slate = assembleSlate(sampleRequest({ attributes: { device: 'tv' } }), serving, OPTIONS)
    expect(slate).toMatchObject({
      userId: 'u1',
      surface: 'home',
      attributes: { device: 'tv' },
      createdAt: OPTIONS.now,
      items: serving.items,
      servedBy: { rung: 'POPULAR', cause: 'NO_MODEL' },
      snapshotVersion: 12,
      assignments: [{ experimentKey: 'e0', applied: false }],
      policy: serving.policy,
      producer: OPTIONS.producer,
    })
    expect(readSlateId(slate.id)?.createdAt).toBe(OPTIONS.now)
    expect(decodeExposureContext(slate.exposureContext)).toMatchObject({
      context: { snapshotVersion: 12, assignments: [{ experimentKey: 'e0' }] },
    })
  })

  test('is refused where its context cannot hold the assignments', async () => {
    const serving = await servingUnder(65)
    expect(() => assembleSlate(sampleRequest(), serving, OPTIONS)).toThrow(RangeError)
  })
})

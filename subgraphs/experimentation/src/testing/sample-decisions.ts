import type { ModelStageChangedEvent } from '@bulkhead/contracts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Bootstrap } from '../domain/governance/bootstrap.ts'
import { shipOf } from '../domain/governance/model-decisions.ts'
import { NOON, sampleExperiment, sampleIncoming, sampleStageChange } from './samples.ts'

export function sampleBootstrap(overrides: Partial<Bootstrap> = {}): Bootstrap {
  return {
    modelVersionId: 'ease-v1',
    revision: 1,
    status: 'IN_REVIEW',
    artefactHash: 'ab'.repeat(32),
    evaluationHash: null,
    rationale: 'It beats what is popular.',
    decidedBy: 'ana',
    decidedAt: NOON,
    reviews: [],
    submission: 1,
    signed: null,
    ...overrides,
  }
}

/** One that has been approved; its signature is none. */
export function sampleSignedBootstrap(modelVersionId = 'ease-v1', decidedAt = NOON): Bootstrap {
  const { artefactHash, evaluationHash, rationale, decidedBy } = sampleBootstrap()
  return sampleBootstrap({
    modelVersionId,
    decidedAt,
    status: 'APPROVED',
    signed: {
      kind: 'bootstrap',
      modelVersionId,
      artefactHash,
      evaluationHash,
      rationale,
      decidedBy,
      decidedAt: new Date(decidedAt).toISOString(),
      reviewedBy: ['ben'],
      keyId: 'test-key',
      signature: 'AA',
    },
  })
}

/** An experiment that ended with the decision to ship this model version; its signature is none. */
export function sampleShipped(key: string, modelVersionId: string, decidedAt = NOON): Experiment {
  const made = { variantKey: 'treatment', modelVersionId, artefactHash: 'ab'.repeat(32), rationale: 'r' }
  return sampleExperiment({
    key,
    status: 'DECIDED',
    decision: {
      ...made,
      outcome: 'SHIP',
      decidedBy: 'ana',
      decidedAt,
      reviews: [],
      quorum: 0,
      signed: {
        ...made,
        outcome: 'SHIP',
        experimentKey: key,
        experimentVersion: 1,
        planHash: 'cd'.repeat(32),
        analysisHash: null,
        decidedBy: 'ana',
        decidedAt: new Date(decidedAt).toISOString(),
        reviewedBy: ['ben'],
        keyId: 'test-key',
        signature: Buffer.from(key).toString('base64url'),
      },
    },
  })
}

export function sampleShip(...made: Parameters<typeof sampleShipped>) {
  const record = shipOf(sampleShipped(...made))
  if (record === null) throw new TypeError('it is signed')
  return record
}

/** Has personalization tell that a version went through these stages, one change after the other. */
export async function reportStages(
  store: Pick<ExperimentationStore, 'ingest'>,
  modelVersionId: string,
  stages: readonly ModelStageChangedEvent['to'][],
  overrides: Partial<ModelStageChangedEvent> & { readonly since?: number } = {},
): Promise<void> {
  const { since = 0, ...rest } = overrides
  await store.ingest(
    stages.map((to, index) =>
      sampleIncoming(sampleStageChange({ modelVersionId, to, change: since + index + 1, ...rest })),
    ),
  )
}

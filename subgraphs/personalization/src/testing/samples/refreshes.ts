import { canonicalHash, canonicalJson, type DecisionRecord } from '@bulkhead/contracts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { sampleShip } from './decisions.ts'
import { SAMPLE_ARTEFACT_HASH, SAMPLE_RECIPE, sampleModelVersion } from './models.ts'
import { NOON } from './time.ts'

/** A version that a SHIP decision with a recipe has let into PRODUCTION. */
export function sampleShipped(
  id: string,
  overrides: Partial<ModelVersion> = {},
  signed: DecisionRecord = sampleShip(id, { recipe: SAMPLE_RECIPE }),
): ModelVersion {
  const evidence = { kind: 'DECISION', hash: canonicalHash(signed), record: canonicalJson(signed) } as const
  return sampleModelVersion(id, {
    stage: 'PRODUCTION',
    artefactHash: SAMPLE_ARTEFACT_HASH,
    recipe: SAMPLE_RECIPE,
    stageHistory: [
      { from: 'EXPERIMENT', to: 'PRODUCTION', at: NOON, by: 'ada', reason: 'it is better', evidence },
    ],
    ...overrides,
  })
}

/** A refresh of such a version, by the same recipe. */
export function sampleRefresh(
  id: string,
  shipped: ModelVersion,
  overrides: Partial<ModelVersion> = {},
): ModelVersion {
  const decisionHash = shipped.stageHistory.findLast(({ evidence }) => evidence?.record)?.evidence?.hash ?? ''
  return sampleModelVersion(id, {
    artefactHash: SAMPLE_ARTEFACT_HASH,
    recipe: SAMPLE_RECIPE,
    refresh: { of: shipped.id, decisionHash },
    ...overrides,
  })
}

import { generateKeyPairSync } from 'node:crypto'
import { type BootstrapDecision, type DecisionRecord, signBootstrap, signDecision } from '@bulkhead/contracts'
import { SAMPLE_ARTEFACT_HASH } from './models.ts'
import { NOON } from './time.ts'

const HASH = 'a'.repeat(64)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')

export const DECISION_KEYS = new Map([['k1', publicKey]])

export function sampleShip(
  modelVersionId: string,
  changes: Partial<Omit<DecisionRecord, 'keyId' | 'signature'>> = {},
  key = { keyId: 'k1', privateKey },
): DecisionRecord {
  return signDecision(
    {
      experimentKey: 'challenge',
      experimentVersion: 1,
      outcome: 'SHIP',
      variantKey: 'treatment',
      modelVersionId,
      artefactHash: SAMPLE_ARTEFACT_HASH,
      planHash: HASH,
      analysisHash: HASH,
      rationale: 'it is better',
      decidedBy: 'ada',
      decidedAt: new Date(NOON).toISOString(),
      reviewedBy: ['bob'],
      ...changes,
    },
    key,
  )
}

export function sampleBootstrap(
  modelVersionId: string,
  changes: Partial<Omit<BootstrapDecision, 'keyId' | 'signature'>> = {},
): BootstrapDecision {
  return signBootstrap(
    {
      kind: 'bootstrap',
      modelVersionId,
      artefactHash: SAMPLE_ARTEFACT_HASH,
      evaluationHash: null,
      rationale: 'the first model',
      decidedBy: 'ada',
      decidedAt: new Date(NOON).toISOString(),
      reviewedBy: ['bob'],
      ...changes,
    },
    { keyId: 'k1', privateKey },
  )
}

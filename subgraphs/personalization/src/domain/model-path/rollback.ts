import { type ModelVersion, replacedReason, type StageChange } from '../model-version.ts'
import type { StageMove, StepRequest } from './stage-move.ts'

/** The version that the one in PRODUCTION has replaced, and that nothing has happened to since. */
export function versionBefore(
  current: Pick<ModelVersion, 'id'>,
  retired: readonly ModelVersion[],
): ModelVersion | null {
  return (
    retired.find(({ stage, stageHistory }) => isReplacedBy(stage, stageHistory.at(-1), current.id)) ?? null
  )
}

function isReplacedBy(
  stage: ModelVersion['stage'],
  last: StageChange | undefined,
  successorId: string,
): boolean {
  if (stage !== 'RETIRED' || last?.from !== 'PRODUCTION' || last.evidence !== undefined) return false
  // Earlier releases named the successor in the reason only.
  return last.successorId === successorId || last.reason === replacedReason(successorId)
}

/**
 * Takes a version out of PRODUCTION for good: the one before is there again, or none where there is none. The decision that
 * let it in is used up, so it does not come back by itself.
 */
export function planRollback(
  current: ModelVersion,
  before: ModelVersion | null,
  { at, by, reason }: Omit<StepRequest, 'to'>,
): readonly StageMove[] {
  const evidence = { kind: 'ROLLBACK', hash: null } as const
  const out: StageMove = {
    versionId: current.id,
    from: 'PRODUCTION',
    change: { from: 'PRODUCTION', to: 'RETIRED', at, by, reason, evidence },
  }
  if (before === null) return [out]
  const change: StageChange = { from: 'RETIRED', to: 'PRODUCTION', at, by, reason, evidence }
  return [out, { versionId: before.id, from: 'RETIRED', change }]
}

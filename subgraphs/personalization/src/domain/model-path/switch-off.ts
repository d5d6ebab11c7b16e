import type { ModelVersion, StageChange } from '../model-version.ts'
import { planRollback } from './rollback.ts'
import type { StageMove, StepRequest } from './stage-move.ts'

/** Whether a guardrail has ever switched it off: then it never serves again, whoever pins it. */
export function wasSwitchedOff({ stageHistory }: Pick<ModelVersion, 'stageHistory'>): boolean {
  return stageHistory.some(({ evidence }) => evidence?.kind === 'GUARDRAIL')
}

/** Whether a rollback or a guardrail has ever taken it out of service: then it never enters PRODUCTION again. */
export function wasTakenOut({ stageHistory }: Pick<ModelVersion, 'stageHistory'>): boolean {
  return stageHistory.some(({ to, evidence }) => to === 'RETIRED' && evidence !== undefined)
}

/**
 * Takes a version out of service because of how it did: one in PRODUCTION is rolled back, any other is RETIRED. One that is
 * RETIRED already, such as the model of a control group, gets an entry that says so.
 * @param before what serves again where the version is in PRODUCTION
 */
export function planSwitchOff(
  version: ModelVersion,
  before: ModelVersion | null,
  request: Omit<StepRequest, 'to'>,
): readonly StageMove[] {
  const evidence = { kind: 'GUARDRAIL', hash: null } as const
  if (version.stage !== 'PRODUCTION') {
    const change: StageChange = { from: version.stage, to: 'RETIRED', ...request, evidence }
    return [{ versionId: version.id, from: version.stage, change }]
  }
  const [out, ...rest] = planRollback(version, before, request)
  return out === undefined ? [] : [{ ...out, change: { ...out.change, evidence } }, ...rest]
}

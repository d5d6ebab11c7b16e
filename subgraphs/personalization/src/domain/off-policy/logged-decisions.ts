import type { Interaction } from '../interaction.ts'
import { CONSUMING_TYPES } from '../interaction.ts'
import type { Slate } from '../slate.ts'
import type { CandidateLog } from './candidate-log.ts'
import type { WeightedReward } from './estimators.ts'
import { loggedPositions } from './logged-policy.ts'
import type { TargetPolicy } from './target-policy.ts'

/** A slate with its candidates, and the interactions that name it. */
export type SlateWithOutcome = {
  readonly slate: Slate
  readonly candidates: CandidateLog
  readonly interactions: readonly Pick<Interaction, 'itemId' | 'type'>[]
}

/** 1 where the user clicked, played or liked the item from this slate, else 0. */
export function rewardOf(itemId: string, interactions: SlateWithOutcome['interactions']): 0 | 1 {
  return interactions.some((one) => one.itemId === itemId && CONSUMING_TYPES.includes(one.type)) ? 1 : 0
}

/**
 * The positions of a slate as decisions, weighted for a target policy; those whose propensity is not known are counted
 * and left out.
 * @throws RangeError where the candidates belong to another slate
 */
export function loggedDecisions(
  { slate, candidates, interactions }: SlateWithOutcome,
  target: TargetPolicy,
): { readonly decisions: readonly WeightedReward[]; readonly unknownPropensities: number } {
  const decisions: WeightedReward[] = []
  let unknownPropensities = 0
  for (const position of loggedPositions(candidates, slate.items)) {
    const { itemId, propensity } = position.served
    if (propensity === null) {
      unknownPropensities++
      continue
    }
    const weight = target.probability(position) / propensity
    decisions.push({ reward: rewardOf(itemId, interactions), weight, cluster: slate.id })
  }
  return { decisions, unknownPropensities }
}

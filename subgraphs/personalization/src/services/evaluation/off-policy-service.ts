import { SOURCE_NAMES } from '@bulkhead/contracts'
import { loggedSlatePages } from '../../datastore/logged-slate-pages.ts'
import type { LoggedSlate, PersonalizationStore } from '../../datastore/port.ts'
import type { Interaction } from '../../domain/interaction.ts'
import {
  estimateOffPolicy,
  type OffPolicyReport,
  type WeightedReward,
} from '../../domain/off-policy/estimators.ts'
import { loggedDecisions } from '../../domain/off-policy/logged-decisions.ts'
import { pastHistory } from '../../domain/off-policy/past-history.ts'
import {
  greedyTarget,
  rankedTarget,
  sourceTarget,
  type TargetPolicy,
  uniformTarget,
} from '../../domain/off-policy/target-policy.ts'
import { EvaluationRefusedError } from './evaluation-refused-error.ts'
import { readVersion } from './stored-model.ts'

/** A user's newest interactions before a slate, from which a model is asked again. */
const HISTORY = 5_000

export type OffPolicyRequest = {
  /** `greedy`, `uniform`, the name of a source, or the id of a stored model version. */
  readonly target: string
  /** Larger weights are cut to it; null for none. */
  readonly maxWeight: number | null
  readonly onProgress?: (slates: number) => void
}

export type OffPolicyEvaluation = OffPolicyReport & {
  readonly target: string
  readonly maxWeight: number | null
  /** Slates that were used. */
  readonly slates: number
  /** Slates from before the newest interaction that the target was trained on: it may have learned from them. */
  readonly slatesBeforeTraining: number
  /** Slates left out, because the source that was asked for brought nothing. */
  readonly slatesWithoutSource: number
  /** Positions left out, because their propensity is not known. */
  readonly unknownPropensities: number
  /** What the policies that served had, over the same decisions. */
  readonly served: number | null
}

type Store = Pick<
  PersonalizationStore,
  'scanLoggedSlates' | 'findInteractions' | 'modelVersionsByIds' | 'modelArtefact'
>

/**
 * What another policy would be worth at the positions of the slates that keep their candidates: the mean reward of a
 * position, all positions before it as they were served. A reward is 1 where the user clicked, played or liked the item
 * from that slate.
 * @throws EvaluationRefusedError
 */
export async function evaluateOffPolicy(
  store: Store,
  { target, maxWeight, onProgress }: OffPolicyRequest,
): Promise<OffPolicyEvaluation> {
  const { policyFor, trainedUntil } = await findTarget(store, target)
  const decisions: WeightedReward[] = []
  let slates = 0
  let slatesBeforeTraining = 0
  let slatesWithoutSource = 0
  let unknownPropensities = 0
  for await (const page of loggedSlatePages(store)) {
    for (const logged of page) {
      if (logged.slate.createdAt <= trainedUntil) {
        slatesBeforeTraining++
        continue
      }
      const policy = await policyFor(logged)
      if (policy === null) {
        slatesWithoutSource++
        continue
      }
      slates++
      const found = loggedDecisions(logged, policy)
      for (const decision of found.decisions) decisions.push(decision)
      unknownPropensities += found.unknownPropensities
    }
    onProgress?.(slates + slatesBeforeTraining + slatesWithoutSource)
  }
  if (decisions.length === 0) {
    throw new EvaluationRefusedError(
      'NO_LOGGED_SLATES',
      slatesBeforeTraining + slatesWithoutSource > 0
        ? `no slate that keeps its candidates can tell: ${slatesBeforeTraining} are from before the end of the training data of ${target} (serve more, or name an older version), ${slatesWithoutSource} have no candidates of ${target} (serve with it in the mix)`
        : 'no slate keeps its candidates: serve with exploration (payload `exploration.epsilon`) and CANDIDATE_LOG_RATE above 0',
    )
  }
  const rewards = decisions.reduce((sum, { reward }) => sum + reward, 0)
  return {
    target,
    maxWeight,
    slates,
    slatesBeforeTraining,
    slatesWithoutSource,
    unknownPropensities,
    served: rewards / decisions.length,
    ...estimateOffPolicy(decisions, maxWeight === null ? {} : { maxWeight }),
  }
}

type Target = {
  readonly policyFor: (logged: LoggedSlate) => TargetPolicy | null | Promise<TargetPolicy>
  /** Epoch milliseconds. */
  readonly trainedUntil: number
}

async function findTarget(store: Store, name: string): Promise<Target> {
  const trainedUntil = Number.NEGATIVE_INFINITY
  if (name === 'greedy') return { policyFor: () => greedyTarget, trainedUntil }
  if (name === 'uniform') return { policyFor: () => uniformTarget, trainedUntil }
  const sources: readonly string[] = SOURCE_NAMES
  if (sources.includes(name)) {
    return { policyFor: ({ candidates }) => sourceTarget(candidates, name), trainedUntil }
  }
  const [version] = await store.modelVersionsByIds([name])
  if (version === undefined) {
    throw new EvaluationRefusedError(
      'UNKNOWN_MODEL',
      `there is no target ${name}: name greedy, uniform, a source (${SOURCE_NAMES.join(', ')}), or a version that \`models list\` shows`,
    )
  }
  const model = await readVersion(store, version)
  return {
    trainedUntil: version.trainingData.cutoff,
    async policyFor({ slate, candidates }) {
      const { likes } = pastHistory(await interactionsBefore(store, slate.userId, slate.createdAt))
      const itemIds = new Set(candidates.lists.flatMap((list) => list.candidates.map(({ itemId }) => itemId)))
      const found = model.recommend(likes, itemIds.size, (itemId) => itemIds.has(itemId))
      return rankedTarget(found.map(({ itemId }) => itemId))
    },
  }
}

async function interactionsBefore(store: Store, userId: string, at: number): Promise<readonly Interaction[]> {
  // No event id comes before the empty one.
  const after = { occurredAt: at, eventId: '' }
  return (await store.findInteractions({ userId, limit: HISTORY, after })).interactions
}

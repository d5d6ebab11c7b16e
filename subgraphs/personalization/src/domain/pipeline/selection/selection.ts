import { hash } from 'node:crypto'
import { groupOf } from '../../item.ts'
import type { RerankParameters } from '../assignment/serving-parameters.ts'
import type { Candidate } from '../candidate.ts'
import type { Catalogue, Query } from '../query.ts'
import type { CandidateList } from '../sources/candidate-list.ts'
import type { CandidateSource } from '../sources/candidate-source.ts'
import type { Stage } from '../stage.ts'
import { createCandidatePool, type PoolRules } from './candidate-pool.ts'
import type { GroupOf } from './eligible-set.ts'
import { mayRerank, rerankerFor, tasteOf } from './reranker.ts'
import { createSeededRandom } from './seeded-random.ts'

export type SelectionParameters = PoolRules & { readonly size: number; readonly epsilon: number }

/** One position of the slate. */
export type Pick = {
  readonly candidate: Candidate
  readonly source: CandidateSource
  /** P(item | earlier picks, candidates, policy), in (0, 1]. */
  readonly propensity: number
  /** True where chance filled the position with another item than the one that was due. */
  readonly explored: boolean
}

export type SelectionPolicyId = `${'' | 'reduced-'}${'' | 'epsilon-'}${'greedy' | 'diverse'}-v2`

/**
 * Names whether chance took part, whether what was picked before changed the order of a list, and whether there were
 * fewer candidates than usual: then the same parameters choose with other probabilities.
 */
export function policyIdOf(
  parameters: RerankParameters & { readonly epsilon: number },
  isReduced: boolean,
): SelectionPolicyId {
  const isExplored = parameters.epsilon > 0
  return `${isReduced ? 'reduced-' : ''}${isExplored ? 'epsilon-' : ''}${mayRerank(parameters) ? 'diverse' : 'greedy'}-v2`
}

/**
 * Fills the slate position by position (see `createCandidatePool` for the mix, groups and diversity). With
 * probability `epsilon` a position goes to one of the N items that may fill it, drawn uniformly; otherwise to the item
 * that is due. So P(item) = (1 - epsilon) [item is due] + epsilon / N, exactly, given the picks before with their
 * sources. No item appears twice; the slate is shorter than `size` only when the candidates run out.
 *
 * Pure: equal candidates, parameters and seed always give the same slate.
 * @param seed 32 hex digits; read only when epsilon is above 0
 */
export function select(
  lists: readonly CandidateList[],
  { size, epsilon, ...rules }: SelectionParameters,
  seed: string,
): Pick[] {
  const pool = createCandidatePool(lists, rules)
  const random = epsilon > 0 ? createSeededRandom(seed) : null
  const picks: Pick[] = []
  while (picks.length < size) {
    const due = pool.greedy()
    if (due === null) break
    let entry = due
    let propensity = 1
    if (random !== null) {
      const eligible = pool.eligibleCount()
      if (random() < epsilon) {
        const drawn = pool.eligibleAt(Math.floor(random() * eligible))
        // When chance draws the due item, it counts for the list that is due: item and source alone give the state.
        if (drawn.candidate.itemId !== due.candidate.itemId) entry = drawn
      }
      // The only item left is certain, where the sum could round to a little less than 1.
      propensity = eligible === 1 ? 1 : (entry === due ? 1 - epsilon : 0) + epsilon / eligible
    }
    pool.take(entry)
    picks.push({
      candidate: entry.candidate,
      source: entry.list.source,
      propensity,
      explored: entry !== due,
    })
  }
  return picks
}

export const selectionStage: Stage<Query, readonly CandidateList[], readonly Pick[]> = {
  name: 'selection',
  enabled: () => true,
  run(query, lists) {
    const { size, parameters, catalogue, seed } = query
    const { maxPerCreator, epsilon } = parameters
    const createReranker = rerankerFor(
      parameters,
      (itemId) => categoriesOf(catalogue, itemId),
      tasteOfQuery(query),
    )
    return select(lists, { size, maxPerCreator, epsilon, groupOf: groupsOf(catalogue), createReranker }, seed)
  },
  without: () => [],
}

export function categoriesOf(catalogue: Catalogue, itemId: string): readonly string[] {
  return catalogue.itemById(itemId)?.categories ?? []
}

/** Empty where the parameters do not ask for it. */
export function tasteOfQuery({ parameters, history, catalogue }: Query): ReadonlyMap<string, number> {
  if (parameters.calibration === 0) return new Map()
  return tasteOf(history.likes, (itemId) => categoriesOf(catalogue, itemId))
}

/** The group of each item of a catalogue. */
export function groupsOf(catalogue: Catalogue): GroupOf {
  return (itemId) => groupOf(catalogue.itemById(itemId))
}

/**
 * SHA-256, hex, over the JSON of `[source, count, itemId, ...]`, list by list, and then the bytes of all scores as a
 * Float64Array. It tells whether a slate that is made again had the same candidates. With the scores as text it
 * takes three times as long.
 */
export function candidatesHash(lists: readonly CandidateList[]): string {
  const names: (string | number)[] = []
  const scores: number[] = []
  for (const { source, candidates } of lists) {
    names.push(source.name, candidates.length)
    for (const { itemId, score } of candidates) {
      names.push(itemId)
      scores.push(score)
    }
  }
  const bytes = new Uint8Array(new Float64Array(scores).buffer)
  return hash('sha256', Buffer.concat([Buffer.from(JSON.stringify(names)), bytes]), 'hex')
}

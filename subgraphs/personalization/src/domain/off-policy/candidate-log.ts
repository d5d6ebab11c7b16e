import { createHash } from 'node:crypto'
import { groupOf } from '../item.ts'
import type { RerankParameters } from '../pipeline/assignment/serving-parameters.ts'
import type { Query } from '../pipeline/query.ts'
import { mayRerank } from '../pipeline/selection/reranker.ts'
import { categoriesOf, tasteOfQuery } from '../pipeline/selection/selection.ts'
import type { CandidateList } from '../pipeline/sources/candidate-list.ts'

export type LoggedCandidate = {
  readonly itemId: string
  readonly score: number
  readonly creator: string | null
  readonly group: string | null
  /** Empty where the policy does not look at categories. */
  readonly categories: readonly string[]
}

/** All that an explored slate was selected from: with the slate's seed it gives the slate again, see `selectAgain`. */
export type CandidateLog = {
  /** Items asked for. */
  readonly size: number
  readonly parameters: RerankParameters & { readonly maxPerCreator: number | null; readonly epsilon: number }
  /** Share of each category in what the listener likes; empty where the policy does not look at it. */
  readonly taste: readonly (readonly [category: string, share: number])[]
  /** In the order of the pool; within a list, best first. */
  readonly lists: readonly {
    readonly source: string
    readonly weight: number
    readonly candidates: readonly LoggedCandidate[]
  }[]
}

/**
 * Whether the slate with this seed logs its candidates. True for a share `rate` of all seeds; the same seed always gets the
 * same answer. It hashes the seed, so that being in the sample says nothing of the draws that the seed gives.
 */
export function isSampled(seed: string, rate: number): boolean {
  if (rate <= 0) return false
  const hash = createHash('sha256').update(`candidate-log:${seed}`, 'utf8').digest()
  return hash.readUInt32BE(0) / 2 ** 32 < rate
}

export function candidateLogOf(query: Query, lists: readonly CandidateList[]): CandidateLog {
  const { size, parameters, catalogue } = query
  const { maxPerCreator, epsilon, mmrLambda, creatorDecay, calibration } = parameters
  const readsCategories = mayRerank(parameters)
  return {
    size,
    parameters: { maxPerCreator, epsilon, mmrLambda, creatorDecay, calibration },
    taste: [...tasteOfQuery(query)],
    lists: lists.map(({ source, weight, candidates }) => ({
      source: source.name,
      weight,
      candidates: candidates.map(({ itemId, score, creator }) => ({
        itemId,
        score,
        creator,
        group: groupOf(catalogue.itemById(itemId)),
        categories: readsCategories ? categoriesOf(catalogue, itemId) : [],
      })),
    })),
  }
}

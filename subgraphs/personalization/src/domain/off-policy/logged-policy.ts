import {
  type CandidatePool,
  createCandidatePool,
  type PoolRules,
} from '../pipeline/selection/candidate-pool.ts'
import type { PoolEntry } from '../pipeline/selection/eligible-set.ts'
import { rerankerFor } from '../pipeline/selection/reranker.ts'
import { type Pick, select } from '../pipeline/selection/selection.ts'
import type { CandidateList } from '../pipeline/sources/candidate-list.ts'
import type { CandidateSource } from '../pipeline/sources/candidate-source.ts'
import type { SlateItem } from '../slate.ts'
import type { CandidateLog } from './candidate-log.ts'

/** The lists as the pool had them. Of their sources only the names are left. */
export function loggedLists({ lists }: CandidateLog): readonly CandidateList[] {
  return lists.map(({ source, weight, candidates }) => ({
    source: loggedSource(source),
    weight,
    candidates: candidates.map(({ itemId, score, creator }) => ({ itemId, score, creator, becauseOf: null })),
  }))
}

/** The picks of the slate that was served with this seed. Pure; `candidatesHash(loggedLists(log))` is the slate's. */
export function selectAgain(log: CandidateLog, seed: string): readonly Pick[] {
  const { size, parameters } = log
  return select(loggedLists(log), { size, epsilon: parameters.epsilon, ...rulesOf(log) }, seed)
}

/** A position of a logged slate, and what could have filled it, given the positions before as they were served. */
export type LoggedPosition = {
  readonly served: SlateItem
  /** What was due: what fills it without exploration. */
  readonly due: PoolEntry
  readonly pool: Omit<CandidatePool, 'greedy' | 'take'>
}

/**
 * The positions of a logged slate, in order. Use each before the next: what its pool answers changes with it.
 * @throws RangeError where an item of the slate is not among its candidates, so that they belong to another slate
 */
export function* loggedPositions(
  log: CandidateLog,
  items: readonly SlateItem[],
): Generator<LoggedPosition, void, void> {
  const lists = loggedLists(log)
  const pool = createCandidatePool(lists, rulesOf(log))
  for (const served of items) {
    const due = pool.greedy()
    const list = lists.find(({ source }) => source.name === served.source)
    const candidate = list?.candidates.find(({ itemId }) => itemId === served.itemId)
    if (due === null || list === undefined || candidate === undefined) {
      throw new RangeError(`item ${served.itemId} of the slate is not among its logged candidates`)
    }
    yield { served, due, pool }
    pool.take({ candidate, list })
  }
}

function rulesOf({ parameters, taste, lists }: CandidateLog): PoolRules {
  const groups = new Map<string, string | null>()
  const categories = new Map<string, readonly string[]>()
  for (const { candidates } of lists) {
    for (const candidate of candidates) {
      groups.set(candidate.itemId, candidate.group)
      categories.set(candidate.itemId, candidate.categories)
    }
  }
  return {
    maxPerCreator: parameters.maxPerCreator,
    groupOf: (itemId) => groups.get(itemId) ?? null,
    createReranker: rerankerFor(parameters, (itemId) => categories.get(itemId) ?? [], new Map(taste)),
  }
}

function loggedSource(name: string): CandidateSource {
  return {
    name,
    rung: 'STATIC',
    fillOrder: null,
    standsInFor: null,
    modelOf: () => null,
    failureCause: 'NO_CANDIDATES',
    whyUnavailable: () => null,
    candidates: () => [],
    reason: () => null,
  }
}

import type { SourceOutcome } from '../../slate.ts'
import type { Eligibility } from '../filters/eligibility.ts'
import type { Query } from '../query.ts'
import { rankCandidates } from '../rank-candidates.ts'
import { countFillable } from '../selection/candidate-pool.ts'
import { groupsOf } from '../selection/selection.ts'
import { runStage, type StageObserver, type StageResult } from '../stage.ts'
import type { CandidateList } from './candidate-list.ts'
import { type CandidateSource, sourceStage } from './candidate-source.ts'
import { SourceCutError } from './source-cut-error.ts'
import { fillersOf, mixOf } from './source-mix.ts'

/** A candidate source after it was asked. */
export type AskedSource = { readonly list: CandidateList; readonly outcome: SourceOutcome }

type Asking = {
  readonly query: Query
  readonly isEligible: Eligibility
  /** Candidates wanted of each source. */
  readonly width: number
  readonly sources: readonly CandidateSource[]
  /** Names of sources that this request has waited for in vain. */
  readonly cutBefore: ReadonlySet<string>
  readonly observer: StageObserver
}

/**
 * Asks the sources of the mix, at the same time, and then those that fill up, one after the other, until the slate can
 * be filled. What they bring is filtered and scored.
 */
export async function askSources(asking: Asking): Promise<{
  /** In the order of the mix, each followed by what stands in for it. */
  readonly mixed: readonly AskedSource[]
  readonly fillers: readonly AskedSource[]
}> {
  const { query, sources } = asking
  const { parameters, size } = query
  const mixed = (
    await Promise.all(
      mixOf(parameters.mix, sources).map(({ source, weight }) => askOrStandIns(source, weight, asking)),
    )
  ).flat()
  const fillers: AskedSource[] = []
  const rules = { maxPerCreator: parameters.maxPerCreator, groupOf: groupsOf(query.catalogue) }
  for (const source of fillersOf(parameters.mix, sources)) {
    const lists = [...mixed, ...fillers].map(({ list }) => list)
    if (countFillable(lists, rules, size) >= size) break
    const alreadyFound = lists.reduce((sum, { candidates }) => sum + candidates.length, 0)
    fillers.push(await ask(source, 0, alreadyFound, asking))
  }
  return { mixed, fillers }
}

/** Asks the source. If it does not answer, asks its stand-ins too, and gives them its share. */
async function askOrStandIns(
  source: CandidateSource,
  weight: number,
  asking: Asking,
): Promise<readonly AskedSource[]> {
  const asked = await ask(source, weight, 0, asking)
  if (asked.outcome === 'ANSWERED') return [asked]
  const standIns = asking.sources.filter(
    ({ standsInFor, whyUnavailable }) => standsInFor === source.name && whyUnavailable(asking.query) === null,
  )
  if (standIns.length === 0) return [asked]
  const others = await Promise.all(standIns.map((standIn) => ask(standIn, weight, 0, asking)))
  return [{ ...asked, list: { ...asked.list, weight: 0 } }, ...others]
}

async function ask(
  source: CandidateSource,
  weight: number,
  alreadyFound: number,
  { query, isEligible, width, cutBefore, observer }: Asking,
): Promise<AskedSource> {
  if (cutBefore.has(source.name)) return { list: { source, weight, candidates: [] }, outcome: 'CUT' }
  const input = { limit: width, isEligible, alreadyFound }
  const result = await runStage(sourceStage(source), query, input, observer)
  const candidates = await rankCandidates(query, result.output, isEligible, observer)
  return { list: { source, weight, candidates }, outcome: outcomeOf(result) }
}

function outcomeOf(result: StageResult<unknown>): SourceOutcome {
  if (result.status !== 'failed') return result.status === 'ran' ? 'ANSWERED' : 'UNAVAILABLE'
  return result.error instanceof SourceCutError ? 'CUT' : 'FAILED'
}

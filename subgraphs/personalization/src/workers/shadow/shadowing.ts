import type { Clock } from '@bulkhead/service/clock'
import type { Random } from '@bulkhead/service/random'
import type { PersonalizationStore } from '../../datastore/port.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { eligibilityOf } from '../../domain/pipeline/filters/eligibility.ts'
import type { Query, Ranking } from '../../domain/pipeline/query.ts'
import { rankCandidates } from '../../domain/pipeline/rank-candidates.ts'
import type { StageObserver } from '../../domain/pipeline/stage.ts'
import { COMPARED_DEPTH, compareLists } from '../../domain/shadow/comparison.ts'
import {
  createShadowCounter,
  requestsOf,
  type ShadowCounter,
  type ShadowFailure,
} from '../../domain/shadow/shadow-counts.ts'
import type { ShadowSample } from '../../state/shadow-samples.ts'
import {
  createShadowRunner,
  type RunnerOptions,
  type ShadowAnswer,
  type ShadowWork,
} from './shadow-runner.ts'

/** How a request ended; `starved` is not in the report, because it says nothing of the model. */
export type ShadowOutcome = 'compared' | 'starved' | ShadowFailure

/** One version in shadow on this replica: its thread, and what was counted of it. */
export type Shadowing = {
  compare(sample: ShadowSample, signal: AbortSignal): Promise<void>
  /** Stores what was counted, if anything was since the last time. */
  flush(): Promise<void>
  /** As `ShadowRunner.work`. */
  work(): ShadowWork
  /** Ends the thread; what was counted can still be stored. */
  end(): Promise<void>
}

/**
 * The thread knows no catalogue: it gives more candidates than are compared, and the filters choose here. Where they leave
 * too few, it is asked once more.
 */
const WIDTHS = [200, 1_600]
const SOURCE_BYTES = 8
/** Champions whose counts are kept until they are stored, while the datastore is away. */
const MAX_COUNTS = 4

type Count = {
  readonly championId: string
  readonly source: string
  readonly counter: ShadowCounter
  /** Requests that are stored. */
  stored: number
}

/** Metrics of the stages are about serving. */
const NO_OBSERVER: StageObserver = { now: () => 0, ended: () => undefined, failed: () => undefined }

/** @param options.ended is told how each request ended; an error where the model failed */
export function createShadowing(options: {
  readonly version: ModelVersion
  readonly store: Pick<PersonalizationStore, 'modelArtefact' | 'addShadow'>
  readonly clock: Clock
  readonly random: Random
  readonly ended: (outcome: ShadowOutcome, error: Error | null) => void
  readonly broken: (problem: string) => void
  readonly runner: RunnerOptions
}): Shadowing {
  const { version, store, random, ended } = options
  const runner = createShadowRunner({ ...options, ...options.runner })
  const popularityIn = createPopularityLookup()
  /** The newest last: a report is of one champion, so what is counted begins anew with another one. */
  let counts: Count[] = []

  function countBeside(championId: string): ShadowCounter {
    const newest = counts.at(-1)
    if (newest?.championId === championId) return newest.counter
    const source = Buffer.from(random.bytes(SOURCE_BYTES)).toString('hex')
    const added = { championId, source, counter: createShadowCounter(), stored: 0 }
    counts = [...counts, added].slice(-MAX_COUNTS)
    return added.counter
  }

  function failed(
    counter: ShadowCounter,
    failure: ShadowFailure,
    latencyMs: number | null,
    error: Error | null,
  ): void {
    counter.failed(failure, latencyMs)
    ended(failure, error)
  }

  /** The list that the slate would have been made from, had this model been in production; empty where it failed. */
  async function listFor(query: Query, signal: AbortSignal): Promise<ShadowAnswer> {
    const isEligible = eligibilityOf(query)
    let answer: ShadowAnswer = { type: 'resting' }
    // In production the filters are asked while the list is made, so there is one list to wait for.
    let cpuMs: number | null = null
    for (const width of WIDTHS) {
      answer = await runner.ask(query.history.likes, width, signal)
      if (answer.type !== 'list') return answer
      const found = answer.candidates.map(({ itemId, score }) => ({
        itemId,
        score,
        creator: query.catalogue.itemById(itemId)?.creator ?? null,
        becauseOf: null,
      }))
      cpuMs ??= answer.cpuMs
      answer = { ...answer, cpuMs, candidates: await rankCandidates(query, found, isEligible, NO_OBSERVER) }
      if (answer.candidates.length >= COMPARED_DEPTH || found.length < width) break
    }
    return answer
  }

  return {
    async compare({ query, champion }, signal) {
      const championId = query.model?.version.id
      if (championId === undefined) return
      const answer = await listFor(query, signal)
      if (answer.type === 'resting') return
      if (answer.type === 'starved') return ended('starved', null)
      const counter = countBeside(championId)
      if (answer.type === 'failed') failed(counter, answer.failure, answer.latencyMs, answer.error)
      else if (answer.candidates.length === 0) failed(counter, 'empty', answer.cpuMs, null)
      else {
        const list = answer.candidates.map(({ itemId }) => itemId)
        const comparison = compareLists(champion, list, popularityIn(query.catalogue.popular()))
        counter.compared(comparison, answer.cpuMs, query.catalogue.size())
        ended('compared', null)
      }
    },
    async flush() {
      for (const count of counts) {
        const { championId, source, counter } = count
        const part = { championId, source, counts: counter.counts() }
        const requests = requestsOf(part.counts)
        if (requests === count.stored) continue
        await store.addShadow(version.id, part)
        count.stored = requests
      }
    },
    work: runner.work,
    end: runner.end,
  }
}

/** Items beyond the ranking in memory count as half of its last. */
function createPopularityLookup(): (ranking: Ranking) => (itemId: string) => number {
  let known: Ranking | null = null
  let scores: ReadonlyMap<string, number> = new Map()
  return (ranking) => {
    if (ranking !== known) scores = new Map(ranking.map(({ itemId, score }) => [itemId, score]))
    known = ranking
    const beyond = (ranking.at(-1)?.score ?? 1) / 2
    return (itemId) => scores.get(itemId) ?? beyond
  }
}

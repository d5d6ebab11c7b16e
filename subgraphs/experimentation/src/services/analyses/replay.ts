import { canonicalJson, type JsonObject, type JsonValue } from '@bulkhead/contracts'
import { isRecord } from '@bulkhead/service/json'
import type { Analysis, UnusablePlan } from '../../analysis/analyse.ts'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import type { AnalysisService } from '../analysis-service.ts'
import { hashedContent, isIntact, readRecorded } from './recorded-analysis.ts'

export type Replay = {
  readonly id: string
  readonly experimentKey: string
  readonly equal: boolean
  /** Whether the stored analysis still is what was hashed when it was stored. */
  readonly intact: boolean
  /** The hash of what was computed now. */
  readonly hash: string
  /** What differs, such as `results: plays SUCCESS treatment`; empty where it is equal. */
  readonly differing: readonly string[]
  /** Of the release that stored it, and of this one: where they differ, the hashes do as well. */
  readonly codeVersion: { readonly stored: string; readonly now: string }
  /** Events up to its position that were erased with their units since. */
  readonly inputsErased: number
  /** Events up to this position are not in the log any more, erased by their age; 0 where all of them are. */
  readonly logBegins: number
}

export type ReplayResult =
  | { readonly type: 'replayed'; readonly replay: Replay; readonly analysis: Analysis }
  | { readonly type: 'unknown-analysis' }
  | UnusablePlan

/** Computes a stored analysis again, from its own inputs and the events that are there now, and compares. */
export async function replayAnalysis(
  id: string,
  options: {
    readonly store: Pick<ExperimentationStore, 'findAnalyses' | 'erasedEvents' | 'eventsBetween'>
    readonly service: Pick<AnalysisService, 'recompute'>
  },
): Promise<ReplayResult> {
  const { store, service } = options
  const stored = (await store.findAnalyses({ ids: [id], newest: [] })).byId.get(id)
  if (stored === undefined) return { type: 'unknown-analysis' }
  const { experimentKey, plan, metrics, cutoff, asOf, codeVersion } = readRecorded(stored)
  const { version, intervals } = stored
  const result = await service.recompute({ experimentKey, version, intervals, plan, metrics, cutoff, asOf })
  if (result.type !== 'analysed') return result
  const { analysis } = result
  const differing = differences(stored.content, hashedContent(analysis))
  return {
    type: 'replayed',
    analysis,
    replay: {
      id,
      experimentKey,
      equal: analysis.hash === id && differing.length === 0,
      intact: isIntact(stored),
      hash: analysis.hash,
      differing,
      codeVersion: { stored: codeVersion, now: analysis.codeVersion },
      inputsErased: inputsErased(stored, await store.erasedEvents(asOf)),
      logBegins: await erasedByAge(store, asOf),
    },
  }
}

/**
 * How many events up to the position of an analysis were erased with their units since it was computed. It is about all
 * events of the log: some may have meant nothing to this analysis, and none means that a replay gives the same. Events
 * that went because of their age are not counted.
 */
export function inputsErased(
  { erasedBefore }: Pick<StoredAnalysis, 'erasedBefore'>,
  erasedNow: number,
): number {
  // Fewer where blocks with erased events went because of their age.
  return Math.max(0, erasedNow - erasedBefore)
}

/** The last position before the first event that can be read, unless all before it were erased with their units. */
async function erasedByAge(
  store: Pick<ExperimentationStore, 'erasedEvents' | 'eventsBetween'>,
  asOf: number,
): Promise<number> {
  const [first] = asOf === 0 ? [] : await store.eventsBetween({ after: 0, upTo: asOf, limit: 1 })
  const before = first === undefined ? asOf : first.position - 1
  return before === 0 || (await store.erasedEvents(before)) >= before ? 0 : before
}

/** Names what is not the same in both: members, and of lists the entries by what they are about. */
function differences(stored: JsonObject, now: JsonObject): readonly string[] {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(now)])].sort()
  return names.flatMap((name) => {
    const [one, other] = [stored[name], now[name]]
    if (isSame(one, other)) return []
    if (!isList(one) || !isList(other)) return [name]
    const length = Math.max(one.length, other.length)
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      isSame(one[index], other[index]) ? [] : [`${name}: ${labelOf(one[index] ?? other[index], index)}`],
    )
  })
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return canonicalJson(one) === canonicalJson(other)
}

function labelOf(entry: JsonValue | undefined, index: number): string {
  const { metricKey, role, variantKey, kind } = isRecord(entry) ? entry : {}
  const parts = [metricKey, role, variantKey, kind].filter((part) => typeof part === 'string')
  return parts.length === 0 ? `entry ${index + 1}` : parts.join(' ')
}

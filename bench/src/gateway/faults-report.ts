import { formatTable } from '@bulkhead/service/format-table'
import type { LoadResult } from '../harness/load.ts'

import { median } from '../harness/statistics.ts'
import { ENTITY_DEADLINE_MS, TOLERANCE_MS } from './fault-case.ts'

const SHOWN_END = 300

/** One result a round, for each kind of client. */
export type FaultResults = {
  readonly name: string
  readonly firstPart: LoadResult[]
  readonly plain: LoadResult[]
  /** What was wrong with an answer that was read to its end. */
  end: string | null
}

export function formatFirstParts(results: readonly FaultResults[]): string {
  const [reference] = results
  const rows = results.map(({ name, firstPart }) => {
    const ratios = firstPart.map(
      ({ p99Ms }, round) => p99Ms / (reference?.firstPart[round]?.p99Ms ?? Number.NaN),
    )
    return [
      name,
      median(firstPart.map(({ p50Ms }) => p50Ms)).toFixed(2),
      median(firstPart.map(({ p99Ms }) => p99Ms)).toFixed(2),
      ratios.map((ratio) => ratio.toFixed(2)).join(' '),
      Math.min(...ratios).toFixed(2),
    ]
  })
  return formatTable(
    ['experimentation', 'p50 ms', 'p99 ms', `p99 / ${reference?.name}, by round`, 'best round'],
    rows,
  )
}

export function formatPlain(results: readonly FaultResults[]): string {
  const rows = results.map(({ name, plain }) => [
    name,
    median(plain.map(({ p50Ms }) => p50Ms)).toFixed(1),
    median(plain.map(({ p99Ms }) => p99Ms)).toFixed(1),
    plain.map(({ shareWithin }) => `${(shareWithin * 100).toFixed(2)} %`).join(' '),
  ])
  const limit = `within ${ENTITY_DEADLINE_MS + TOLERANCE_MS} ms, by round`
  return formatTable(['experimentation', 'p50 ms', 'p99 ms', limit], rows)
}

export function problemsOf({ name, firstPart, plain, end }: FaultResults): string[] {
  const wrong = [...firstPart, ...plain].find(({ failures }) => failures.count > 0)?.failures
  return [
    ...(wrong ? [`${name}: ${wrong.count} wrong answers in a round, such as ${wrong.example}`] : []),
    ...(end === null
      ? []
      : [
          `${name}: an answer that was read to its end has no such later part, or no end: ${JSON.stringify(end.slice(-SHOWN_END))}`,
        ]),
  ]
}

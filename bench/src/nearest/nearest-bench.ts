import { CLUSTERED_FROM } from '@bulkhead/personalization/domain/ials/cluster-factors'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { growthExponent, median } from '../harness/statistics.ts'
import { measureNearest, type NearestFigures } from './measure.ts'

export type NearestBenchOptions = { readonly sizes: readonly number[]; readonly dimensions: number }

const MIN_RECALL = 0.95

/**
 * A list of 100 from all items of a factor model and from groups of them, by size. False where the groups miss more than
 * 5 of 100, or where production would use them although they cost more.
 */
export async function runNearestBench(
  { sizes, dimensions }: NearestBenchOptions,
  { write, progress }: BenchContext,
): Promise<boolean> {
  const all: NearestFigures[] = []
  for (const items of sizes.toSorted((a, b) => a - b)) {
    progress(`${items} items`)
    all.push(await measureNearest(items, dimensions))
  }
  write(
    `\nA list of 100 from factors of ${dimensions} numbers, 100 listeners; groups serve from ${CLUSTERED_FROM} items`,
  )
  write(format(all))
  const problems = all.flatMap(problemsOf)
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('nearest'), { sizes, dimensions, figures: all })}`)
  return problems.length === 0
}

function problemsOf(figures: NearestFigures): string[] {
  const { items, recall } = figures
  const problems: string[] = []
  if (recall < MIN_RECALL)
    problems.push(`recall is ${recall.toFixed(3)} at ${items} items, not ${MIN_RECALL}`)
  if (items >= CLUSTERED_FROM && costOfGroups(figures) > costOfAll(figures)) {
    problems.push(`at ${items} items groups cost more than all items`)
  }
  return problems
}

function costOfAll({ rounds }: NearestFigures): number {
  return median(rounds.map(({ all }) => all))
}

function costOfGroups({ rounds }: NearestFigures): number {
  return median(rounds.map(({ groups }) => groups))
}

function format(rows: readonly NearestFigures[]): string {
  const exponent = (cost: (figures: NearestFigures) => number) =>
    growthExponent(rows.map((figures) => ({ size: figures.items, cost: cost(figures) }))).toFixed(2)
  return formatTable(
    [
      ...['items', 'all: CPU ms', 'groups: CPU ms', 'recall', 'worst', 'build CPU s', 'longest step ms'],
      ...['factors MiB', 'groups MiB', 'peak MiB'],
    ],
    [
      ...rows.map((row) => [
        ...[String(row.items), costOfAll(row).toFixed(2), costOfGroups(row).toFixed(2)],
        ...[row.recall.toFixed(3), row.worstRecall.toFixed(2)],
        ...[row.buildCpuSeconds.toFixed(1), row.longestStepMs.toFixed(0)],
        ...[row.factorsMiB.toFixed(0), row.groupsMiB.toFixed(1), row.peakMiB.toFixed(0)],
      ]),
      [
        ...['grows as size to the', exponent(costOfAll), exponent(costOfGroups), '', ''],
        ...[exponent(({ buildCpuSeconds }) => buildCpuSeconds), ''],
        ...[exponent(({ factorsMiB }) => factorsMiB), exponent(({ groupsMiB }) => groupsMiB)],
        exponent(({ peakMiB }) => peakMiB),
      ],
    ],
  )
}

import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { growthExponent } from '../harness/statistics.ts'
import { measureTraining, type TrainFigures } from './measure.ts'

export type TrainBenchOptions = {
  /** Items of each size, by algorithm. */
  readonly ease: readonly number[]
  readonly ials: readonly number[]
}

/** Time and peak memory of a training by size, with the growth law. False where a model recommends nothing. */
export async function runTrainBench(
  options: TrainBenchOptions,
  { write, progress }: BenchContext,
): Promise<boolean> {
  const all: TrainFigures[] = []
  for (const algorithm of ['ease', 'ials'] as const) {
    const rows: TrainFigures[] = []
    for (const items of options[algorithm].toSorted((a, b) => a - b)) {
      progress(`${algorithm} with ${items} items`)
      rows.push(await measureTraining(algorithm, items))
    }
    write(`\n${algorithm} with its default parameters, as many users as items, 25 draws of each`)
    write(format(rows))
    all.push(...rows)
  }
  const failed = all.filter(({ recommended }) => recommended < 10)
  for (const { algorithm, items, recommended } of failed) {
    write(`FAILED: ${algorithm} with ${items} items recommends ${recommended} items, not 10`)
  }
  write(`\n${writeResults(createResultsFolder('train'), { options, figures: all })}`)
  return failed.length === 0
}

function format(rows: readonly TrainFigures[]): string {
  const exponent = (cost: (figures: TrainFigures) => number) =>
    growthExponent(rows.map((figures) => ({ size: figures.items, cost: cost(figures) }))).toFixed(2)
  return formatTable(
    [
      'items',
      'users',
      'interactions',
      's',
      'CPU s',
      'longest step ms',
      'MiB before',
      'peak MiB',
      'artefact MiB',
    ],
    [
      ...rows.map((row) => [
        ...[String(row.items), String(row.users), String(row.interactions)],
        ...[row.seconds.toFixed(1), row.cpuSeconds.toFixed(1), row.longestStepMs.toFixed(0)],
        ...[row.beforeMiB.toFixed(0), row.peakMiB.toFixed(0), row.artefactMiB.toFixed(1)],
      ]),
      [
        ...['grows as size to the', '', '', exponent(({ seconds }) => seconds)],
        ...[exponent(({ cpuSeconds }) => cpuSeconds), '', '', exponent(({ peakMiB }) => peakMiB)],
        exponent(({ artefactMiB }) => artefactMiB),
      ],
    ],
  )
}

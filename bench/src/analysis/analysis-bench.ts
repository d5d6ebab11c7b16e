import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { growthExponent, median } from '../harness/statistics.ts'
import { type BesideFigures, measureBeside } from './beside.ts'
import { type CountFigures, measureCounts } from './counts.ts'
import { type EngineFigures, measureEngine } from './engine.ts'

export type AnalysisBenchOptions = {
  /** Exposed units of each size. */
  readonly units: readonly number[]
  readonly interactionsPerUnit: number
  /** Exposures at which counts are read. */
  readonly exposures: readonly number[]
  /** Events of the service beside which analyses run; 0 leaves it out. */
  readonly events: number
  readonly rounds: number
  readonly turnMs: number
}

/** What must hold: a p99 beside an analysis, and a count of the largest size, relative to those without. */
const MAX_P99_RATIO = 1.2
const MAX_COUNT_RATIO = 2

/**
 * What an analysis costs: time and peak memory by size, with the growth law; reading counts by size; and what it does to
 * the p99 of the service beside it. False where a number is wrong or a limit does not hold.
 */
export async function runAnalysisBench(
  options: AnalysisBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const problems: string[] = []
  const engine: EngineFigures[] = []
  for (const units of options.units.toSorted((a, b) => a - b)) {
    progress(`a read model of ${units} units with ${options.interactionsPerUnit} interactions each`)
    const figures = await measureEngine({ units, interactionsPerUnit: options.interactionsPerUnit })
    if (figures.counted !== units) problems.push(`${figures.counted} units were found, not ${units}`)
    engine.push(figures)
  }
  write('\nEvents are handed to the read model by its feed; one look at five metrics with CUPED')
  write(formatEngine(engine))

  progress('counts')
  const counts = await measureCounts(options.exposures)
  for (const { exposures, counted } of counts) {
    if (counted !== exposures) problems.push(`${counted} units were counted, not ${exposures}`)
  }
  const ratio = (counts.at(-1)?.readMs ?? 0) / (counts[0]?.readMs ?? Number.NaN)
  if (ratio > MAX_COUNT_RATIO)
    problems.push(`a count costs ${ratio.toFixed(2)} times as much at the largest size`)
  write('\nReading counts by variant and day, SQLite')
  write(formatCounts(counts))

  let beside: BesideFigures | null = null
  if (options.events > 0) {
    progress('the service with analyses beside it')
    beside = await measureBeside(options, resources)
    problems.push(...problemsBeside(beside))
    write(`\np99 beside ${beside.analyses} analyses of ${beside.events} events, ${options.rounds} rounds`)
    write(formatBeside(beside))
  }
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('analysis'), { options, engine, counts, beside, problems })}`)
  return problems.length === 0
}

function ratioOf(figures: BesideFigures['ingest']): number {
  return median(figures.besideP99Ms) / median(figures.aloneP99Ms)
}

function problemsBeside(beside: BesideFigures): readonly string[] {
  const slow = (['ingest', 'snapshot'] as const).filter((kind) => ratioOf(beside[kind]) > MAX_P99_RATIO)
  return [
    ...slow.map(
      (kind) => `the p99 of ${kind} is ${ratioOf(beside[kind]).toFixed(2)} times as long beside an analysis`,
    ),
    ...(beside.refused > 0 ? [`${beside.refused} requests were refused`] : []),
  ]
}

function formatEngine(engine: readonly EngineFigures[]): string {
  const exponent = (cost: (figures: EngineFigures) => number) =>
    growthExponent(engine.map((figures) => ({ size: figures.units, cost: cost(figures) }))).toFixed(2)
  return formatTable(
    ['units', 'interactions', 'feed s', 'look s', 'peak MiB', 'of the look', 'file MiB'],
    [
      ...engine.map(({ units, interactionsPerUnit, feedMs, sumsMs, fedPeakMiB, peakMiB, fileMiB }) => [
        ...[String(units), String(units * interactionsPerUnit)],
        ...[(feedMs / 1_000).toFixed(1), (sumsMs / 1_000).toFixed(2)],
        ...[peakMiB.toFixed(0), Math.max(0, peakMiB - fedPeakMiB).toFixed(0), fileMiB.toFixed(0)],
      ]),
      [
        ...['grows as size to the', '', exponent(({ feedMs }) => feedMs), exponent(({ sumsMs }) => sumsMs)],
        ...[exponent(({ peakMiB }) => peakMiB), '', exponent(({ fileMiB }) => fileMiB)],
      ],
    ],
  )
}

function formatCounts(counts: readonly CountFigures[]): string {
  return formatTable(
    ['exposures', 'ms a read'],
    [...counts.map(({ exposures, readMs }) => [String(exposures), readMs.toFixed(3)])],
  )
}

function formatBeside(beside: BesideFigures): string {
  return formatTable(
    ['', 'alone ms', 'beside ms', 'ratio'],
    [
      ...(['ingest', 'snapshot'] as const).map((kind) => [
        kind,
        median(beside[kind].aloneP99Ms).toFixed(1),
        median(beside[kind].besideP99Ms).toFixed(1),
        ratioOf(beside[kind]).toFixed(2),
      ]),
    ],
  )
}

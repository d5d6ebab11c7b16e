import { fileURLToPath } from 'node:url'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { type OrderTaker, startOrderTaker } from '../harness/order-taker.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import type { Check } from './check.ts'
import { CHECKS } from './checks.ts'
import { acceptedRates, type Finding, holds } from './judgement.ts'
import type { Order } from './main.ts'

export type StatisticsOptions = { readonly experiments: number }

type Row = {
  readonly check: Check
  readonly seed: number
  readonly finding: Finding
  /** As the check wants it; of a planted mistake, that it was found. */
  readonly isRight: boolean
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
/** Fixed, so that a run says the same as the last one. */
const SEEDS = [20_261_128, 11]
const PROCESSES = 2

/**
 * Simulates experiments with a known truth through the statistics and the analysis that production runs, and compares how
 * often they err with what they promise. False where one does not hold, or where a planted mistake passes.
 */
export async function runStatisticsBench(
  options: StatisticsOptions,
  context: BenchContext,
): Promise<boolean> {
  const { write, progress, resources } = context
  const jobs = CHECKS.flatMap((check) => SEEDS.map((seed) => ({ check, seed })))
  const left = [...jobs]
  const rows: Row[] = []
  async function work(taker: OrderTaker<Order, Finding>): Promise<void> {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      const { check, seed } = job
      const finding = await taker.run({ check: check.name, seed, experiments: options.experiments })
      const isRight = holds(check.expectation, finding) !== (check.planted === true)
      rows.push({ check, seed, finding, isRight })
      progress(`${rows.length} of ${jobs.length}: ${check.name}, seed ${seed}: ${found(finding)}`)
    }
  }
  const takers = Array.from({ length: PROCESSES }, () => startOrderTaker<Order, Finding>(MAIN, resources))
  await Promise.all(takers.map(work))

  const ordered = jobs.flatMap(({ check, seed }) =>
    rows.filter((row) => row.check === check && row.seed === seed),
  )
  write(
    formatTable(
      ['check', 'seed', 'found', 'wanted', 'holds'],
      ordered.map(({ check, seed, finding, isRight }) => [
        check.name,
        String(seed),
        found(finding),
        wanted(check, finding.trials),
        isRight ? 'yes' : 'NO',
      ]),
    ),
  )
  write(`\n${options.experiments} experiments for each check and seed. The data:`)
  for (const { name, about } of CHECKS) write(`  ${name}: ${about}`)
  const failed = ordered.filter(({ isRight }) => !isRight)
  for (const { check, seed } of failed) write(`FAILED: ${check.name}, seed ${seed}`)
  const figures = ordered.map(({ check: { name, about, expectation }, seed, finding, isRight }) => ({
    ...{ name, about, expectation, seed, isRight },
    ...finding,
  }))
  write(`\n${writeResults(createResultsFolder('statistics'), { options, figures })}`)
  return failed.length === 0
}

function found({ hits, trials, value }: Finding): string {
  return value === undefined ? (hits / trials).toFixed(4) : value.toFixed(4)
}

function wanted({ expectation, planted }: Check, trials: number): string {
  switch (expectation.type) {
    case 'level': {
      const [low, high] = acceptedRates(expectation.alpha, expectation.conservative, trials)
      return `${planted ? 'not ' : ''}${low.toFixed(4)} to ${high.toFixed(4)}`
    }
    case 'power':
      return `${expectation.atLeast ? 'at least ' : ''}${expectation.planned.toFixed(4)} within 0.02`
    case 'figure':
      return `${expectation.expected.toFixed(4)} within ${expectation.tolerance * 100} %`
  }
}

import { formatTable } from '@bulkhead/service/format-table'
import type { OffPolicyCommand } from '../command-line/off-policy.ts'
import type { OffPolicyEstimate } from '../domain/off-policy/estimators.ts'
import { evaluateOffPolicy, type OffPolicyEvaluation } from '../services/evaluation/off-policy-service.ts'
import { digits, interval } from '../terminal/figures.ts'
import { createProgress } from '../terminal/progress.ts'
import { counted, grouped } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'

/** Fewer decisions than this, of the target's own, say next to nothing. */
const FEW = 100
/** The mean weight is about 1 where propensities are right. */
const MEAN_WEIGHT_TOLERANCE = 0.1

/** @returns the exit code @throws EvaluationRefusedError */
export async function offPolicy(
  { target, maxWeight, json }: OffPolicyCommand,
  { store, clock, out, err }: Omit<CommandContext, 'training'>,
): Promise<number> {
  const progress = createProgress({ terminal: err, clock, title: 'Reading' })
  try {
    const onProgress = (slates: number) => progress.update(0, counted(slates, 'slate'))
    const evaluation = await evaluateOffPolicy(store, { target, maxWeight, onProgress })
    progress.end()
    out.write(json ? `${JSON.stringify(evaluation, null, 2)}\n` : `${forPeople(evaluation)}\n`)
    return 0
  } finally {
    progress.end()
  }
}

function forPeople(evaluation: OffPolicyEvaluation): string {
  const { target, slates, decisions, served, ips, snips, effectiveSampleSize } = evaluation
  const table = formatTable(
    ['', 'reward a position', '95% interval', 'standard error'],
    [['as served', digits(served), '-', '-'], row(`${target}, IPS`, ips), row(`${target}, SNIPS`, snips)],
  )
  return [
    `${counted(decisions, 'position')} of ${counted(slates, 'slate')} that keep their candidates`,
    '',
    table,
    '',
    `Effective sample size: ${grouped(Math.round(effectiveSampleSize))} of ${counted(decisions, 'position')}; mean weight ${digits(evaluation.meanWeight)}, largest ${evaluation.largestWeight.toPrecision(4)}`,
    ...warnings(evaluation),
  ].join('\n')
}

function warnings(evaluation: OffPolicyEvaluation): readonly string[] {
  const {
    slatesBeforeTraining,
    slatesWithoutSource,
    unknownPropensities,
    clipped,
    effectiveSampleSize,
    meanWeight,
  } = evaluation
  return [
    slatesBeforeTraining > 0 &&
      `${counted(slatesBeforeTraining, 'slate')} left out: served before the end of the target's training data`,
    slatesWithoutSource > 0 &&
      `${counted(slatesWithoutSource, 'slate')} left out: ${evaluation.target} brought no candidates`,
    unknownPropensities > 0 &&
      `${counted(unknownPropensities, 'position')} left out: their propensity is not known`,
    clipped > 0 &&
      `${counted(clipped, 'weight')} cut to ${evaluation.maxWeight}: IPS is too low by what was cut`,
    effectiveSampleSize < FEW && 'The effective sample is too small to say much: log more slates',
    clipped === 0 &&
      effectiveSampleSize >= FEW &&
      Math.abs((meanWeight ?? 1) - 1) > MEAN_WEIGHT_TOLERANCE &&
      'The mean weight is not near 1: propensities are wrong, or a few weights decide everything; do not trust IPS',
  ].filter((line) => line !== false)
}

function row(name: string, estimate: OffPolicyEstimate): string[] {
  return [name, digits(estimate.value), interval(estimate), digits(estimate.standardError)]
}

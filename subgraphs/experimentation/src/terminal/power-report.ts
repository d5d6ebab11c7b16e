import { formatTable } from '@bulkhead/service/format-table'
import type { PowerAnalysis } from '../analysis/power-analysis.ts'
import type { PowerQuestion } from '../domain/plan/power-question.ts'
import { daysOf } from '../domain/plan/traffic.ts'
import { shown } from './effect-cells.ts'

const DIGITS = 4

/** A power analysis as a person reads it in a terminal. */
export function powerReport(
  question: PowerQuestion,
  analysis: PowerAnalysis,
  unitsPerDay: number | null,
): string {
  const { kind, baseline, minimumEffect, scale, method, allocation, alpha, power, wholeRule } = question
  const { totalUnits, variantUnits, testAlpha, testPower } = analysis
  const effect =
    scale === 'RELATIVE' ? `${shown(minimumEffect * 100, DIGITS)} %` : shown(minimumEffect, DIGITS)
  const days = daysOf(totalUnits, unitsPerDay)
  return [
    `${kind} with a baseline of ${shown(baseline, DIGITS)}, effect ${effect}, ${method}`,
    `test at level ${shown(testAlpha, DIGITS)} with power ${shown(testPower, DIGITS)}${wholeRule ? `, so that the rule has ${shown(alpha, DIGITS)} and ${shown(power, DIGITS)}` : ''}`,
    '',
    formatTable(
      ['variant', 'share', 'units'],
      [
        ...variantUnits.map((units, index) => [
          index === 0 ? 'control' : `treatment ${index}`,
          shown(allocation[index] ?? 0, DIGITS),
          String(units),
        ]),
        ['all', '', String(totalUnits)],
      ],
    ),
    ...(days === null || unitsPerDay === null
      ? []
      : ['', `${shown(days, DIGITS)} days with ${shown(unitsPerDay, DIGITS)} new units a day`]),
  ].join('\n')
}

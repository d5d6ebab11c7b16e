import { formatTable } from '@bulkhead/service/format-table'
import type { PowerAnalysis } from '../analysis/power-analysis.ts'
import type { PowerQuestion } from '../domain/plan/power-question.ts'

/** Days until an experiment that every unit may enter has its sample; null without traffic. */
export function daysOf({ totalUnits }: PowerAnalysis, unitsPerDay: number | null): number | null {
  return unitsPerDay === null ? null : totalUnits / unitsPerDay
}

/** A power analysis as a person reads it in a terminal. */
export function powerReport(
  question: PowerQuestion,
  analysis: PowerAnalysis,
  unitsPerDay: number | null,
): string {
  const { kind, baseline, minimumEffect, scale, method, allocation, alpha, power, wholeRule } = question
  const { totalUnits, variantUnits, testAlpha, testPower } = analysis
  const effect = scale === 'RELATIVE' ? `${shown(minimumEffect * 100)} %` : shown(minimumEffect)
  const days = daysOf(analysis, unitsPerDay)
  return [
    `${kind} with a baseline of ${shown(baseline)}, effect ${effect}, ${method}`,
    `test at level ${shown(testAlpha)} with power ${shown(testPower)}${wholeRule ? `, so that the rule has ${shown(alpha)} and ${shown(power)}` : ''}`,
    '',
    formatTable(
      ['variant', 'share', 'units'],
      [
        ...variantUnits.map((units, index) => [
          index === 0 ? 'control' : `treatment ${index}`,
          shown(allocation[index] ?? 0),
          String(units),
        ]),
        ['all', '', String(totalUnits)],
      ],
    ),
    ...(days === null || unitsPerDay === null
      ? []
      : ['', `${shown(days)} days with ${shown(unitsPerDay)} new units a day`]),
  ].join('\n')
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)))
}

import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ShownExperiment } from '../api/show-experiment.ts'
import { recommendationLine } from './analysis-report.ts'
import { drawn, drawnZero, effectCells, pValueCell, reachOf, shown } from './effect-cells.ts'
import { healthTable } from './health-table.ts'

/** An experiment as a person reads it in a terminal. */
export function experimentReport(experiment: ShownExperiment): string {
  return [
    ...head(experiment),
    '',
    variantTable(experiment),
    '',
    ...planLines(experiment),
    ...experiment.reviews.map(reviewLine),
    ...(experiment.health === null ? [] : ['', healthTable(experiment.health)]),
    ...resultTable(experiment),
    ...decisionLines(experiment),
  ].join('\n')
}

function head(experiment: ShownExperiment): readonly string[] {
  const { key, kind, name, hypothesis, owner, status, revision, version, createdBy, createdAt } = experiment
  const { startedAt, stoppedAt, unitType, surfaces, coverage, exposureTrigger, condition } = experiment
  const { layer, layerRange } = experiment
  const times = [
    `created ${createdAt} by ${plainText(createdBy)}`,
    ...(startedAt === null ? [] : [`started ${startedAt}`]),
    ...(stoppedAt === null ? [] : [`stopped ${stoppedAt}`]),
  ]
  const range = layerRange === null ? '' : ` from ${layerRange.from} to ${layerRange.to}`
  const where = surfaces.length === 0 ? 'every surface' : plainText(surfaces.join(', '))
  return [
    `${plainText(key)}: ${status}, revision ${revision}, version ${version}`,
    `${plainText(name)}${kind === 'STANDARD' ? '' : ` (${kind})`}`,
    `hypothesis: ${plainText(hypothesis)}`,
    `owner ${plainText(owner)}, ${times.join(', ')}`,
    `${plainText(unitType)} on ${where}, coverage ${shown(coverage * 100)} %, trigger ${exposureTrigger}`,
    ...(layer === null ? [] : [`layer ${plainText(layer.key)}${range}`]),
    ...(condition == null ? [] : [`condition ${plainText(JSON.stringify(condition))}`]),
  ]
}

function variantTable({ variants, exposureCounts }: ShownExperiment): string {
  const asOf = exposureCounts?.[0]?.asOf
  const table = formatTable(
    ['variant', 'weight', 'units', 'exposures', 'payload'],
    variants.map(({ key, weight, isControl, payload }) => {
      const count = exposureCounts?.find(({ variantKey }) => variantKey === key)
      // Where counts are there, a variant without one has no exposures.
      const counted = (value: number | undefined) => (exposureCounts === null ? '-' : String(value ?? 0))
      return [
        `${plainText(key)}${isControl ? ' (control)' : ''}`,
        shown(weight),
        counted(count?.units),
        counted(count?.exposures),
        payload == null ? '-' : plainText(JSON.stringify(payload)),
      ]
    }),
  )
  return asOf === undefined ? table : `${table}\ncounted until ${asOf}`
}

function planLines({ plan, metrics }: ShownExperiment): readonly string[] {
  if (plan.noAnalysis) return [`plan ${plan.hash.slice(0, 12)}: no analysis`]
  const { method, scale, twoSided, alpha, power, spending, looks, cuped, segments } = plan
  const parts = [
    method,
    scale,
    twoSided ? 'two-sided' : 'one-sided',
    `alpha ${shown(alpha)}`,
    `power ${shown(power)}`,
    ...(spending === null ? [] : [spending]),
    ...(looks === null ? [] : [`${looks} looks`]),
    ...(cuped ? ['CUPED'] : []),
    plan.plannedSampleSize === null ? 'no planned sample' : `${plan.plannedSampleSize} units`,
    ...(plan.plannedEnd === null ? [] : [`until ${plan.plannedEnd}`]),
    ...(segments.length === 0 ? [] : [`by ${plainText(segments.join(', '))}`]),
  ]
  return [
    `plan ${plan.hash.slice(0, 12)}: ${parts.join(', ')}`,
    metrics.length === 0
      ? 'No metrics.'
      : formatTable(
          ['metric', 'version', 'kind', 'role', 'margin'],
          metrics.map(({ metric, role, margin }) => [
            plainText(metric.key),
            String(metric.version),
            metric.kind,
            role,
            margin === null ? '-' : shown(margin),
          ]),
        ),
  ]
}

function reviewLine({ by, approved, comment, at }: ShownExperiment['reviews'][number]): string {
  return `${approved ? 'approved' : 'REJECTED'} ${at} by ${plainText(by)}: ${plainText(comment)}`
}

function resultTable({ results, plan, key }: ShownExperiment): readonly string[] {
  if (results === null) {
    return plan.noAnalysis ? [] : ['', `No stored results; \`analyze ${plainText(key)} --store\` makes some.`]
  }
  const { id, cutoff, final, complete, units, metrics, verdict } = results
  const reach = reachOf(metrics.map(({ effect }) => effect))
  const rows = metrics.map(({ metric, role, variantKey, effect, relative, pValue, significant }) => [
    plainText(metric.key),
    role,
    plainText(variantKey),
    ...effectCells(effect, plan.scale === 'RELATIVE' && relative !== null),
    pValueCell(pValue, significant),
    drawn(effect, reach),
  ])
  const state = `${complete ? 'windows complete' : 'preliminary'}, ${final ? 'final' : 'not final'}`
  return [
    '',
    `analysis ${id.slice(0, 12)}: ${units} units until ${cutoff}, ${state}`,
    rows.length === 0
      ? 'No results.'
      : formatTable(['metric', 'role', 'variant', 'effect', 'interval', 'p', drawnZero()], rows),
    recommendationLine(verdict),
  ]
}

function decisionLines({ decision }: ShownExperiment): readonly string[] {
  if (decision === null) return []
  const { outcome, variantKey, rationale, decidedBy, decidedAt, reviewedBy } = decision
  const reviewed = reviewedBy === null ? 'not approved' : `approved by ${plainText(reviewedBy)}`
  return [
    '',
    `Decision: ${outcome}${variantKey === null ? '' : ` ${plainText(variantKey)}`}, ${decidedAt} by ${plainText(decidedBy)}, ${reviewed}`,
    `  ${plainText(rationale)}`,
  ]
}

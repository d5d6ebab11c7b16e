import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ShownModel } from '../api/model-path.ts'
import { PATH } from '../domain/model-path/step.ts'
import { digits, interval } from './figures.ts'
import { counted, grouped } from './terminal.ts'

/** A version with its path as stations: those behind it, where it is, and what is missing for the next. */
export function modelPath(model: ShownModel): string {
  const { id, algorithm, owner, trainingData, evaluation } = model
  const { interactions, users, items, cutoff } = trainingData
  const data = `${counted(interactions, 'interaction')} of ${counted(users, 'user')} with ${counted(items, 'item')}, up to ${cutoff}`
  return [
    `${plainText(id)}: ${plainText(algorithm)}, of ${plainText(owner)}`,
    `Trained on ${data}`,
    `Artefact ${model.artefactHash}`,
    ...(model.recipe === null ? [] : [recipeLine(model.recipe)]),
    ...(model.refresh === null ? [] : [refreshLine(model.refresh)]),
    '',
    ...stations(model),
    ...(evaluation === null ? [] : ['', evaluationTable(evaluation)]),
    ...(model.canary === null ? [] : ['', canaryTable(model.canary)]),
  ].join('\n')
}

function recipeLine({
  algorithm,
  parameters,
  dataSource,
  codeVersion,
}: NonNullable<ShownModel['recipe']>): string {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  return plainText(`Recipe ${algorithm} (${given.join(', ')}), on ${dataSource}, by ${codeVersion}`)
}

function refreshLine({ of, decisionHash }: NonNullable<ShownModel['refresh']>): string {
  const shipped = of === null ? 'a version that is not there any more' : plainText(of.id)
  return `Refresh of ${shipped}, by the recipe of decision ${decisionHash.slice(0, 12)}: a canary takes the place of an experiment`
}

function stations({ stage, stageHistory, nextSteps }: ShownModel): string[] {
  const behind = stageHistory.map(({ to, at, by, reason, evidence }) => {
    const shown = evidence?.hash ? `, on ${evidence.kind.toLowerCase()} ${evidence.hash.slice(0, 12)}` : ''
    return `  (x) ${to.padEnd(10)}  ${at} by ${plainText(by)}: ${plainText(reason)}${shown}`
  })
  const ahead = stage === 'PRODUCTION' || stage === 'RETIRED' ? [] : PATH.slice(PATH.indexOf(stage) + 1)
  return [
    ...behind,
    ...ahead.map((to) => {
      const step = nextSteps.find((one) => one.to === to)
      if (step === undefined) return `  ( ) ${to}`
      if (step.missing.length === 0) return `  ( ) ${to.padEnd(10)}  nothing is missing`
      return `  ( ) ${to.padEnd(10)}  missing: ${step.missing.map(plainText).join('; ')}`
    }),
  ]
}

function evaluationTable({ hash, champion, metrics }: NonNullable<ShownModel['evaluation']>): string {
  const rows = metrics.map(({ name, value, lower, upper, championDelta }) => [
    name,
    digits(value),
    interval({ lower, upper }),
    digits(championDelta),
  ])
  const opponent = champion === null ? 'what is popular' : plainText(champion.id)
  return `Evaluation ${hash.slice(0, 12)}, against ${opponent}\n${formatTable(['metric', 'value', '95% interval', 'difference'], rows)}`
}

function canaryTable({ champion, canary, production }: NonNullable<ShownModel['canary']>): string {
  const rows = [canary, production].map(
    ({ lists, listeners, failed, empty, latencyP99Ms, distinctItems }, arm) => [
      arm === 0 ? 'canary' : 'production',
      grouped(lists),
      grouped(listeners),
      grouped(failed),
      grouped(empty),
      `${latencyP99Ms.toFixed(2)} ms`,
      grouped(distinctItems),
    ],
  )
  const beside = champion === null ? 'the version in production' : plainText(champion.id)
  const header = ['model', 'lists', 'listeners', 'failed', 'empty', 'p99 of CPU time', 'different items']
  return `Canary, beside ${beside}\n${formatTable(header, rows)}`
}

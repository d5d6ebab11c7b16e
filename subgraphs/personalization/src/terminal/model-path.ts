import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ShownModel } from '../api/model-path.ts'
import { PATH } from '../domain/model-path/step.ts'
import { digits, interval } from './figures.ts'
import { counted } from './terminal.ts'

/** A version with its path as stations: those behind it, where it is, and what is missing for the next. */
export function modelPath(model: ShownModel): string {
  const { id, algorithm, owner, trainingData, evaluation } = model
  const { interactions, users, items, cutoff } = trainingData
  const data = `${counted(interactions, 'interaction')} of ${counted(users, 'user')} with ${counted(items, 'item')}, up to ${cutoff}`
  return [
    `${plainText(id)}: ${plainText(algorithm)}, of ${plainText(owner)}`,
    `Trained on ${data}`,
    `Artefact ${model.artefactHash}`,
    '',
    ...stations(model),
    ...(evaluation === null ? [] : ['', evaluationTable(evaluation)]),
  ].join('\n')
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

import { formatTable } from '@bulkhead/service/format-table'
import type {
  ComparisonReport,
  EvaluatedModel,
  EvaluationReport,
  MetricEstimate,
  Protocol,
} from '../domain/evaluation/report.ts'
import { digits, interval } from './figures.ts'
import { counted, grouped } from './terminal.ts'

export function evaluationTable({ protocol, model, metrics }: EvaluationReport): string {
  const shown = metrics.filter(({ value }) => value !== null)
  const table = formatTable(
    ['metric', 'value', '95% interval', 'users'],
    shown.map((metric) => [
      metric.name,
      digits(metric.value),
      interval(metric),
      metric.users === null ? '-' : grouped(metric.users),
    ]),
  )
  return [...describeProtocol(protocol), describeModel(model), '', table, ...unknown(metrics)].join('\n')
}

export function comparisonTable({ protocol, models, metrics, test }: ComparisonReport): string {
  const shown = metrics.filter(({ values }) => values.some(({ value }) => value !== null))
  const table = formatTable(
    ['metric', models[0].name, models[1].name, 'difference', '95% interval', 'p'],
    shown.map(({ name, values, difference, pValue }) => [
      name,
      digits(values[0].value),
      digits(values[1].value),
      signed(difference.value),
      interval(difference),
      pValue === null ? '-' : pShown(pValue),
    ]),
  )
  return [
    ...describeProtocol(protocol),
    ...models.map(describeModel),
    '',
    table,
    ...unknown(metrics.map(({ name, values }) => ({ name, value: values[0].value ?? values[1].value }))),
    '',
    `p by the ${test.method}, ${grouped(test.flips)} flips; of each metric alone`,
  ].join('\n')
}

function describeProtocol({ split, users, intervals, seed, codeVersion }: Protocol): string[] {
  const kind = {
    temporal: `what is new since ${split.cutoff}`,
    'leave-one-out': 'the newest item of each user',
    given: 'the test file',
  }[split.kind]
  const { train, test } = split
  const left =
    users.withoutHistory === 0
      ? ''
      : `; ${counted(users.withoutHistory, 'user')} without a history in it left out`
  return [
    `Train part: ${counted(train.pairs, 'pair')} of ${counted(train.users, 'user')} with ${counted(train.items, 'item')} (${train.fingerprint.slice(0, 12)})`,
    `Test part: ${kind}, ${counted(test.pairs, 'pair')} of ${counted(test.users, 'user')} (${test.fingerprint.slice(0, 12)})${left}`,
    `Intervals: ${intervals.method}, ${grouped(intervals.resamples)} resamples, seed ${seed}; code version ${codeVersion}`,
  ]
}

function describeModel({ name, algorithm }: EvaluatedModel): string {
  return `Model ${name}: ${algorithm}`
}

function unknown(metrics: readonly Pick<MetricEstimate, 'name' | 'value'>[]): string[] {
  const names = metrics.filter(({ value }) => value === null).map(({ name }) => name)
  return names.length === 0
    ? []
    : ['', `Without a value: ${names.join(', ')} (they need categories of the items)`]
}

function signed(value: number | null): string {
  return value !== null && value > 0 ? `+${digits(value)}` : digits(value)
}

function pShown(value: number): string {
  return value < 0.0001 ? '<.0001' : value.toFixed(4)
}

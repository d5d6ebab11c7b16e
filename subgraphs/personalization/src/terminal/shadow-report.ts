import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ShownShadow } from '../api/shadow-report.ts'
import { type ShadowReport, shadowProblems } from '../domain/shadow/shadow-report.ts'
import { grouped } from './terminal.ts'

/** What a version did in shadow, and what it lacks for an experiment. */
export function shadowReport({ id, stage, shadow }: ShownShadow): string {
  const figures = shadow === null ? [] : ['', table(shadow)]
  return [`${plainText(id)} in stage ${stage}`, ...figures, '', verdict(shadow)].join('\n')
}

function table({ failuresByKind, ...report }: ShadowReport): string {
  const kinds = Object.entries(failuresByKind).filter(([, count]) => count > 0)
  const failures = kinds.map(([kind, count]) => `${kind} ${grouped(count)}`).join(', ')
  const shift = report.popularityShift
  const rows = [
    ['champion', report.championId ?? '', 'served what it was compared with'],
    ['requests', grouped(report.requests), ''],
    ['failures', grouped(report.failures), failures],
    ['overlap@10', report.overlapAt10.toFixed(3), 'share of the first 10 that was served too'],
    ['rank-biased overlap', report.rankBiasedOverlap.toFixed(3), 'of the first 50, p = .9'],
    [
      'popularity shift',
      shift === null ? '' : signed(shift),
      '+1: items with twice the listeners of those served',
    ],
    ['coverage', `${(report.coverage * 100).toFixed(1)} %`, 'of the catalogue'],
    ['latency p50', `${report.latencyP50Ms.toFixed(2)} ms`, 'CPU time of one list'],
    ['latency p99', `${report.latencyP99Ms.toFixed(2)} ms`, ''],
  ]
  return formatTable(['measure', 'value', ''], rows, [0, 2])
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`
}

function verdict(report: ShadowReport | null): string {
  const problems = shadowProblems(report)
  if (problems.length === 0) return 'It is within the limits for an experiment.'
  return ['It is not ready for an experiment:', ...problems.map((problem) => `- ${problem}`)].join('\n')
}

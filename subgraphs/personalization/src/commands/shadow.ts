import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ShadowCommand } from '../command-line/shadow.ts'
import { type ShadowReport, shadowProblems } from '../domain/shadow/shadow-report.ts'
import { shadowReports } from '../services/shadow-reports.ts'
import { grouped } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'

/** @returns the exit code: 1 for a version that there is not */
export async function showShadow(
  { versionId, json }: ShadowCommand,
  { store, out, err }: Pick<CommandContext, 'store' | 'out' | 'err'>,
): Promise<number> {
  const [version] = await store.modelVersionsByIds([versionId])
  if (version === undefined) {
    err.write(`There is no model version ${plainText(versionId)}: \`models list\` shows them\n`)
    return 1
  }
  const [report = null] = await shadowReports(store, [versionId])
  if (json) out.write(`${JSON.stringify(report, null, 2)}\n`)
  else
    out.write(
      `${version.id} in stage ${version.stage}\n${report === null ? '' : `\n${table(report)}\n`}\n${verdict(report)}\n`,
    )
  return 0
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

import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { canonicalJson } from '@bulkhead/contracts'
import type { EvaluationCommand, EvaluationProtocol } from '../command-line/evaluation.ts'
import type { ComparisonReport, EvaluationReport } from '../domain/evaluation/report.ts'
import type { SplitChoice } from '../domain/evaluation/split.ts'
import { CONSUMING_TYPES } from '../domain/interaction.ts'
import { readInteractions } from '../import/read-interactions.ts'
import {
  type ChampionEvaluation,
  evaluateAgainstChampion,
} from '../services/evaluation/champion-evaluation.ts'
import {
  createEvaluationService,
  type EvaluationProgress,
} from '../services/evaluation/evaluation-service.ts'
import { comparisonTable, evaluationTable } from '../terminal/evaluation-report.ts'
import { createProgress, type Progress } from '../terminal/progress.ts'
import { counted } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'

/**
 * Measures one model, or compares two.
 * @throws EvaluationRefusedError, and ImportError for a test file that cannot be read
 */
export async function evaluate(command: EvaluationCommand, context: CommandContext): Promise<number> {
  const { store, clock, out, err } = context
  const split = await splitOf(command.split, context)
  const service = createEvaluationService({ store })
  const progress = createProgress({
    terminal: err,
    clock,
    title: command.name === 'evaluate' ? 'Evaluating' : 'Comparing',
  })
  const { cutoffs, seed } = command
  const request = { split, cutoffs, seed, onProgress: (now: EvaluationProgress) => show(now, progress) }
  let report: EvaluationReport | ComparisonReport
  let recorded: ChampionEvaluation | null = null
  try {
    if (command.name === 'compare') report = await service.compare(command.models, request)
    else if (command.record) {
      recorded = await evaluateAgainstChampion(command.model, request, { store, evaluations: service, clock })
      report = recorded.evaluation.report
    } else report = await service.evaluate(command.model, request)
  } finally {
    progress.end()
  }
  const text = `${canonicalJson(report)}\n`
  if (command.report !== null) {
    const path = resolve(command.report)
    await writeFile(path, text)
    err.write(`Report written to ${path}\n`)
  }
  out.write(command.json ? text : `${tableOf(report)}\n`)
  if (recorded !== null) err.write(`${describeRecorded(report, recorded)}\n`)
  return 0
}

function describeRecorded(
  report: EvaluationReport | ComparisonReport,
  { evaluation, missing }: ChampionEvaluation,
): string {
  const version = report.type === 'comparison' ? report.models[1].name : report.model.name
  const kept = `Recorded as the evaluation of ${version}, ${evaluation.hash.slice(0, 12)}; a list took ${evaluation.latencyP99Ms.toFixed(1)} ms (99th percentile)`
  return missing.length === 0
    ? `${kept}. It may be EVALUATED.`
    : `${kept}. Missing for EVALUATED: ${missing.join('; ')}.`
}

function tableOf(report: EvaluationReport | ComparisonReport): string {
  return report.type === 'evaluation' ? evaluationTable(report) : comparisonTable(report)
}

async function splitOf(
  split: EvaluationProtocol['split'],
  { clock, err }: CommandContext,
): Promise<SplitChoice> {
  if (split.kind !== 'given') return split
  const relevant = new Map<string, Set<string>>()
  await readInteractions(split.file, {
    format: split.format,
    now: clock.now(),
    onNotice: (line) => err.write(`${line}\n`),
    use(interactions) {
      for (const { userId, itemId, type } of interactions) {
        if (!CONSUMING_TYPES.includes(type)) continue
        const items = relevant.get(userId)
        if (items === undefined) relevant.set(userId, new Set([itemId]))
        else items.add(itemId)
      }
    },
  })
  return { kind: 'given', relevant }
}

function show(now: EvaluationProgress, progress: Progress): void {
  switch (now.phase) {
    case 'reading':
      progress.update(0, `${counted(now.interactions, 'interaction')} read`)
      break
    case 'training':
      progress.update(now.done, `training ${now.model}`)
      break
    case 'ranking':
      progress.update(now.done, `ranking for each user with ${now.model}`)
      break
    case 'resampling':
      progress.update(now.done, 'resampling users')
      break
  }
}

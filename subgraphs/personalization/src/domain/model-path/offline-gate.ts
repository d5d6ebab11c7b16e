import type { Gates } from './gates.ts'
import type { ModelEvaluation } from './model-evaluation.ts'

/**
 * What is missing for EVALUATED, each in a sentence; empty where nothing is. Against a champion the version must be not
 * worse (within the margin); where there is none it must be better than what is popular. Bounds of the interval decide,
 * never the value itself.
 * @param championId the version in PRODUCTION now
 */
export function offlineProblems(
  evaluation: ModelEvaluation | null,
  { championId, gates: { offline } }: { readonly championId: string | null; readonly gates: Gates },
): readonly string[] {
  const opponent = championId ?? 'what is popular'
  if (evaluation === null) return [`it was not evaluated against ${opponent}`]
  if (evaluation.championId !== championId) {
    const then = evaluation.championId ?? 'what is popular'
    return [`it was evaluated against ${then}, and now ${opponent} serves: evaluate it again`]
  }
  const problems: string[] = []
  const metric = evaluation.report.metrics.find(({ name }) => name === offline.metric)
  const champion = metric?.values[0].value ?? null
  const lower = metric?.difference.lower ?? null
  if (champion === null || lower === null) {
    problems.push(`its evaluation has no ${offline.metric} with an interval`)
  } else if (championId === null && lower <= 0) {
    problems.push(
      `its ${offline.metric} is not shown to be above that of ${opponent}: the interval of the difference begins at ${lower.toFixed(4)}`,
    )
  } else if (championId !== null && lower < -offline.margin * champion) {
    const least = -offline.margin * champion
    problems.push(
      `its ${offline.metric} may be too far below that of ${opponent}: the interval of the difference begins at ${lower.toFixed(4)}, and ${least.toFixed(4)} is the least`,
    )
  }
  if (evaluation.latencyP99Ms > offline.maxLatencyP99Ms) {
    problems.push(
      `a list took ${evaluation.latencyP99Ms.toFixed(1)} ms (99th percentile), and ${offline.maxLatencyP99Ms} ms is the budget`,
    )
  }
  return problems
}

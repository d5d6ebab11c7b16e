import type { ComparisonReport } from '../../domain/evaluation/report.ts'
import type { ModelEvaluation } from '../../domain/model-path/model-evaluation.ts'
import { NOON } from './time.ts'

const PART = { fingerprint: 'part', users: 9, pairs: 30 }

/** A report of one metric. @param lower of the difference, second minus first */
export function sampleComparison(
  lower: number | null = 0.01,
  { name = 'ndcg@10', champion = 0.2 }: { readonly name?: string; readonly champion?: number } = {},
): ComparisonReport {
  const estimate = (value: number) => ({ name, value, lower: value - 0.01, upper: value + 0.01, users: 9 })
  return {
    type: 'comparison',
    protocol: {
      codeVersion: '1',
      data: { fingerprint: 'all', interactions: 60 },
      split: {
        kind: 'temporal',
        cutoff: new Date(NOON).toISOString(),
        train: { ...PART, items: 5 },
        test: PART,
      },
      users: { measured: 9, withoutHistory: 1 },
      cutoffs: [10],
      seed: 7,
      intervals: { method: 'percentile bootstrap over users', level: 0.95, resamples: 1_000 },
    },
    test: { method: 'paired sign-flip test, two-sided', flips: 10_000 },
    models: [
      { name: 'popular', algorithm: 'popular', artefactHash: null },
      { name: 'v1', algorithm: 'bm25-cosine', artefactHash: 'hash' },
    ],
    metrics: [
      {
        name,
        values: [estimate(champion), estimate(champion + 0.03)],
        difference: { value: 0.03, lower, upper: 0.05, users: 9 },
        pValue: 0.01,
      },
    ],
  }
}

export function sampleEvaluation(changes: Partial<ModelEvaluation> = {}): ModelEvaluation {
  return {
    hash: 'e'.repeat(64),
    createdAt: NOON,
    championId: null,
    report: sampleComparison(),
    latencyP99Ms: 1,
    ...changes,
  }
}

import { hash } from 'node:crypto'
import type { JsonObject } from '@bulkhead/contracts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import { type RecordedAnalysis, readRecorded } from '../analyses/recorded-analysis.ts'

const NEWS_TYPES = ['health_check.failed', 'guardrail.deteriorated', 'decision.reached'] as const
type NewsType = (typeof NEWS_TYPES)[number]

/** Something that an analysis says and the one before did not. */
export type News = {
  /** The same for everybody who finds it out: of one look, whoever computes it. */
  readonly id: string
  /** What receivers get. */
  readonly body: JsonObject
}

type Finding = { readonly type: NewsType; readonly subject: string; readonly detail: JsonObject }

function findings(recorded: RecordedAnalysis): readonly Finding[] {
  const guardrails = new Set(
    recorded.metrics.filter(({ role }) => role === 'GUARDRAIL').map(({ definition }) => definition.key),
  )
  const failed = recorded.health
    .filter(({ passed }) => !passed)
    .map(
      ({ kind, detail }): Finding => ({
        type: 'health_check.failed',
        subject: kind,
        detail: { check: kind, detail },
      }),
    )
  const deteriorated = recorded.results
    .filter(
      ({ role, metricKey, significant }) =>
        role === 'DETERIORATION' && significant && guardrails.has(metricKey),
    )
    .map(
      ({ metricKey, metricVersion, variantKey, pValue }): Finding => ({
        type: 'guardrail.deteriorated',
        subject: JSON.stringify([metricKey, variantKey]),
        detail: { metricKey, metricVersion, variantKey, pValue },
      }),
    )
  const { recommendation, variantKey } = recorded.verdict
  const reached: readonly Finding[] =
    recommendation === 'CONTINUE'
      ? []
      : [
          {
            type: 'decision.reached',
            subject: JSON.stringify([recommendation, variantKey]),
            detail: { recommendation, variantKey },
          },
        ]
  return [...failed, ...deteriorated, ...reached]
}

/**
 * What has to be told of an analysis. Its ids depend on the look and not on the analysis, so two that were made of one look
 * at the same time are told once.
 * @param before the analysis before it, of the same version; null for the first
 */
export function newsOf(analysis: StoredAnalysis, before: StoredAnalysis | null): readonly News[] {
  const { experimentKey, experimentVersion, cutoff, asOf } = analysis
  const known = new Set(
    before === null ? [] : findings(readRecorded(before)).map(({ type, subject }) => `${type} ${subject}`),
  )
  return findings(readRecorded(analysis))
    .filter(({ type, subject }) => !known.has(`${type} ${subject}`))
    .map(({ type, subject, detail }) => ({
      id: hash('sha256', JSON.stringify([experimentKey, experimentVersion, cutoff, type, subject]), 'hex'),
      body: {
        type: `experiment.${type}`,
        timestamp: new Date(analysis.createdAt).toISOString(),
        data: {
          ...{ experimentKey, experimentVersion, analysisId: analysis.id, asOf },
          cutoff: new Date(cutoff).toISOString(),
          ...detail,
        },
      },
    }))
}

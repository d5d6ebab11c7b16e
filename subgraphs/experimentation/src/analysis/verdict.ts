import type { HealthCheck } from './health-check.ts'
import type { MetricResult, MissingResult } from './metric-result.ts'
import type { PlannedMetric } from './role-tests.ts'

export type VerdictKind = 'SHIP' | 'ROLLBACK' | 'ITERATE' | 'CONTINUE' | 'INVALID'

/** One leaf of the rule. */
export type VerdictReason = { readonly rule: string; readonly holds: boolean; readonly detail: string }

export type Verdict = {
  readonly recommendation: VerdictKind
  /** The treatment to ship; null unless the recommendation is SHIP. */
  readonly variantKey: string | null
  readonly reasons: readonly VerdictReason[]
}

export type RuleInputs = {
  readonly treatments: readonly string[]
  readonly metrics: readonly PlannedMetric[]
  readonly results: readonly MetricResult[]
  readonly missing: readonly MissingResult[]
  readonly health: readonly HealthCheck[]
  /** Whether the planned sample is there, with complete windows. */
  readonly sample: { readonly reached: boolean; readonly detail: string }
  /**
   * What may be concluded before that, by methods that hold at every look: a deterioration, and of a group sequential plan
   * a success as well, which is what its looks are for.
   */
  readonly conclude: 'NOTHING' | 'ROLLBACK' | 'SHIP'
}

/**
 * Spotify's decision rule (arXiv 2402.11609): ship a treatment if at least one success metric is significantly better,
 * every guardrail is non-inferior, nothing deteriorated and every health check passes. Before the sample is reached, only
 * health checks conclude, and what `conclude` allows. It is advice: the decision is a person's.
 */
export function recommend(inputs: RuleInputs): Verdict {
  const { treatments, health, sample, conclude } = inputs
  const mayConclude = sample.reached || conclude !== 'NOTHING'
  const healthReasons = health.map(healthReason)
  const qualityReasons = stops(inputs, 'QUALITY', null)
  const sampleReason = { rule: 'sample', holds: sample.reached, detail: sample.detail }
  const byTreatment = treatments.map((variantKey) => ({ variantKey, ...leaves(inputs, variantKey) }))
  const reasons: readonly VerdictReason[] = [
    ...healthReasons,
    ...qualityReasons,
    sampleReason,
    ...byTreatment.flatMap((leaf) => [leaf.success, ...leaf.guardrails, ...leaf.deterioration]),
  ]
  function verdict(recommendation: VerdictKind, variantKey: string | null = null): Verdict {
    return { recommendation, variantKey, reasons }
  }
  const differs = inputs.results.some(({ role, significant }) => role === 'QUALITY' && significant)
  if (healthReasons.some(({ holds }) => !holds) || (mayConclude && differs)) return verdict('INVALID')
  if (mayConclude && byTreatment.every(({ hasDeteriorated }) => hasDeteriorated)) return verdict('ROLLBACK')
  if (!sample.reached && conclude !== 'SHIP') return verdict('CONTINUE')
  const shippable = byTreatment.find(({ success, guardrails, deterioration }) =>
    [...qualityReasons, success, ...guardrails, ...deterioration].every(({ holds }) => holds),
  )
  if (shippable !== undefined) return verdict('SHIP', shippable.variantKey)
  return verdict(sample.reached ? 'ITERATE' : 'CONTINUE')
}

function leaves(inputs: RuleInputs, variantKey: string) {
  const own = inputs.results.filter((result) => result.variantKey === variantKey)
  const better = own.filter(({ role, significant }) => role === 'SUCCESS' && significant)
  const success: VerdictReason = {
    rule: `success: ${variantKey}`,
    holds: better.length > 0,
    detail:
      better.length > 0
        ? `${better.map(({ metricKey }) => metricKey).join(', ')} better`
        : 'no success metric is significantly better',
  }
  const guardrails = inputs.metrics
    .filter(({ role }) => role === 'GUARDRAIL')
    .map(({ definition: { key } }): VerdictReason => {
      const isOwn = ({ role, metricKey }: MetricResult | MissingResult) =>
        role === 'GUARDRAIL' && metricKey === key
      const result = own.find(isOwn)
      const rule = `guardrail ${key}: ${variantKey}`
      if (result !== undefined) return { rule, holds: result.significant, detail: describe(result) }
      const gap = inputs.missing.find((entry) => isOwn(entry) && entry.variantKey === variantKey)
      return { rule, ...unknown(gap) }
    })
  return {
    success,
    guardrails,
    deterioration: stops(inputs, 'DETERIORATION', variantKey),
    hasDeteriorated: own.some(({ role, significant }) => role === 'DETERIORATION' && significant),
  }
}

/** Tests that can only stop a treatment: of one variant, or of all. One without a result stops it as well. */
function stops(
  { results, missing }: RuleInputs,
  stopRole: 'DETERIORATION' | 'QUALITY',
  variant: string | null,
): VerdictReason[] {
  function isOwn({ role, variantKey }: MetricResult | MissingResult): boolean {
    return role === stopRole && (variant === null || variantKey === variant)
  }
  function ruleOf({ metricKey, variantKey }: MetricResult | MissingResult): string {
    return stopRole === 'QUALITY'
      ? `quality ${metricKey}: ${variantKey}`
      : `no deterioration of ${metricKey}: ${variantKey}`
  }
  return [
    ...results.filter(isOwn).map((result) => ({
      rule: ruleOf(result),
      holds: !result.significant,
      detail: describe(result),
    })),
    ...missing.filter(isOwn).map((gap) => ({ rule: ruleOf(gap), ...unknown(gap) })),
  ]
}

/** What is the same in both variants is no worse; of anything else without a result nothing is known. */
function unknown(gap: MissingResult | undefined): Pick<VerdictReason, 'holds' | 'detail'> {
  const reason = gap?.reason ?? 'too-few-units'
  return { holds: reason === 'equal-constants', detail: `no result: ${reason}` }
}

function healthReason({ kind, passed, detail }: HealthCheck): VerdictReason {
  return { rule: `health ${kind}`, holds: passed, detail }
}

function describe({ pValue, alphaUsed }: MetricResult): string {
  return `p ${pValue.toPrecision(3)} at level ${alphaUsed.toPrecision(3)}`
}

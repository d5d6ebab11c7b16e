import { DECISION_MAX_AGE_MS } from '@bulkhead/contracts'
import { type CanaryLimits, DEFAULT_CANARY_LIMITS } from '../canary/canary-report.ts'
import { DEFAULT_SHADOW_LIMITS, type ShadowLimits } from '../shadow/shadow-report.ts'

/** What a version has to show on its way to PRODUCTION. Data, so that a deployment can be read and changed in one place. */
export type Gates = {
  readonly offline: {
    /** The metric that decides, such as `ndcg@10`. */
    readonly metric: string
    /**
     * How much worse than the champion is still not worse: a share of the champion's value, which the lower bound of the
     * difference may fall below 0.
     */
    readonly margin: number
    /** Upper bound on the 99th percentile of the CPU time that one list takes, milliseconds. */
    readonly maxLatencyP99Ms: number
  }
  readonly shadow: ShadowLimits
  /** Of a refresh, in place of an experiment. */
  readonly canary: CanaryLimits
  /** A decision is valid for so long after it was made, milliseconds. */
  readonly decisionMaxAgeMs: number
}

export const DEFAULT_GATES: Gates = {
  offline: { metric: 'ndcg@10', margin: 0.05, maxLatencyP99Ms: 20 },
  shadow: DEFAULT_SHADOW_LIMITS,
  canary: DEFAULT_CANARY_LIMITS,
  decisionMaxAgeMs: DECISION_MAX_AGE_MS,
}

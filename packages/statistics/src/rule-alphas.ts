import { type Result, refuse } from './result.ts'

/** What the plan of an experiment registers for its decision rule. Levels are those of one-sided tests. */
export type DecisionPlan = {
  /** Risk of shipping a treatment without a success, or one that is worse than a guardrail's margin. In (0, 0.5). */
  readonly alpha: number
  /** Risk of not shipping a treatment that has the planned effects: 1 - power. In (0, 1). */
  readonly beta: number
  /** Risk that any of the deterioration tests of a comparison stops it wrongly. In [0, 0.5). */
  readonly deteriorationAlpha: number
  /** Risk that any of the quality tests of a comparison stops it wrongly. In [0, 0.5). */
  readonly qualityAlpha: number
  /** C: treatments that are compared with control. At least 1. */
  readonly treatments: number
  /** S: metrics that may show the success. */
  readonly successMetrics: number
  /** G: metrics that must be non-inferior. */
  readonly guardrailMetrics: number
  /** D: metrics that only must not deteriorate. Success and guardrail metrics are tested for that as well. */
  readonly deteriorationMetrics: number
  /** Q: tests of the experiment itself, such as the sample ratio. */
  readonly qualityTests: number
}

/** Levels for each single test. Null where the plan has no such test. */
export type RuleAlphas = {
  readonly success: number | null
  readonly guardrail: number | null
  readonly deterioration: number | null
  readonly quality: number | null
  /** Type II error to plan each success and guardrail test with; null when there is neither. */
  readonly beta: number | null
}

/**
 * The corrections of Spotify's decision rule (Schultzberg, Ankargren and Franberg 2024, arXiv 2402.11609): ship if at
 * least one success metric is significantly better, all guardrails are significantly non-inferior, and no deterioration
 * or quality test rejects.
 *
 * - success: alpha / (C S). Any of them suffices, so they share alpha (Bonferroni).
 * - guardrail: alpha. All have to pass, so no correction is needed: a comparison with one inferior guardrail ships with
 *   probability at most alpha. This is per comparison, not over all treatments.
 * - deterioration: deteriorationAlpha / (S + G + D); quality: qualityAlpha / Q. They only stop a treatment, so they add
 *   nothing to the risk of shipping, but take from the power:
 * - beta: (beta - alpha_D) / (G + 1) with a success metric, (beta - alpha_D) / G without. alpha_D is the level that the
 *   deterioration and the quality tests use together. Not shipping then has probability at most
 *   alpha_D + (G + 1) times that = beta, whatever the dependence between the tests, when at least one success metric has
 *   its planned effect, every guardrail is as planned, and nothing has become worse.
 *
 * Refuses `nothing-left-to-spend` when alpha_D is not below beta, `invalid-input` for counts that are not whole or
 * levels out of range, or a family of tests that exists with a level of 0.
 */
export function ruleAlphas(plan: DecisionPlan): Result<RuleAlphas> {
  const { alpha, beta, deteriorationAlpha, qualityAlpha, treatments } = plan
  const { successMetrics, guardrailMetrics, deteriorationMetrics, qualityTests } = plan
  const counts = [treatments, successMetrics, guardrailMetrics, deteriorationMetrics, qualityTests]
  const areLevels = isLevel(alpha, 0.5) && alpha > 0 && isLevel(beta, 1) && beta > 0
  const areStops = isLevel(deteriorationAlpha, 0.5) && isLevel(qualityAlpha, 0.5)
  const areCounts = counts.every((count) => Number.isSafeInteger(count) && count >= 0) && treatments >= 1
  if (!areLevels || !areStops || !areCounts) return refuse('invalid-input')
  const deteriorationTests = successMetrics + guardrailMetrics + deteriorationMetrics
  if (qualityTests > 0 && qualityAlpha === 0) return refuse('invalid-input')
  if (deteriorationMetrics > 0 && deteriorationAlpha === 0) return refuse('invalid-input')
  const testsDeterioration = deteriorationTests > 0 && deteriorationAlpha > 0
  const stops = (testsDeterioration ? deteriorationAlpha : 0) + (qualityTests > 0 ? qualityAlpha : 0)
  const passes = guardrailMetrics + (successMetrics > 0 ? 1 : 0)
  if (passes > 0 && stops >= beta) return refuse('nothing-left-to-spend')
  return {
    success: successMetrics > 0 ? alpha / (treatments * successMetrics) : null,
    guardrail: guardrailMetrics > 0 ? alpha : null,
    deterioration: testsDeterioration ? deteriorationAlpha / deteriorationTests : null,
    quality: qualityTests > 0 ? qualityAlpha / qualityTests : null,
    beta: passes > 0 ? (beta - stops) / passes : null,
  }
}

function isLevel(value: number, below: number): boolean {
  return value >= 0 && value < below
}

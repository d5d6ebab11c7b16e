/** One logged decision: what came of it, and how likely it was under both policies, given the same context. */
export type WeightedReward = {
  readonly reward: number
  /** P(target takes the logged action) / P(logging policy takes it): 0 or more. */
  readonly weight: number
  /** Decisions with the same cluster, those of one slate, depend on each other. */
  readonly cluster: string
}

export type OffPolicyEstimate = {
  /** Mean reward that the target policy would have had; null where nothing can be said. */
  readonly value: number | null
  readonly standardError: number | null
  /** 95%, by the normal approximation. */
  readonly lower: number | null
  readonly upper: number | null
}

export type OffPolicyReport = {
  readonly decisions: number
  readonly clusters: number
  readonly ips: OffPolicyEstimate
  readonly snips: OffPolicyEstimate
  /** (sum w)^2 / sum w^2: this many decisions of the target itself would tell as much. 0 without a weight above 0. */
  readonly effectiveSampleSize: number
  /** Should be near 1 without clipping: it is 1 on average where propensities are right and nothing is impossible. */
  readonly meanWeight: number | null
  readonly largestWeight: number
  /** Decisions whose weight was cut to `maxWeight`. */
  readonly clipped: number
}

/** 97.5% quantile of the standard normal distribution. */
const Z = 1.959963984540054

/**
 * The value of a target policy from decisions of another one.
 *
 * - IPS: mean of w r (Horvitz and Thompson 1952). Unbiased where every action that the target takes has a propensity
 *   above 0, and propensities are right.
 * - SNIPS: sum of w r / sum of w (Swaminathan and Joachims 2015, "The self-normalized estimator for counterfactual
 *   learning"). Slightly biased, and mostly much less noisy; never outside of the range of rewards.
 * - Effective sample size: (sum w)^2 / sum w^2 (Kish 1965).
 *
 * Standard errors are those of means and ratios of clusters (linearized; Cochran 1977, chapters 6 and 11), with the
 * factor clusters / (clusters - 1); null for fewer than two clusters.
 * @param options.maxWeight larger weights are cut to it: less variance, for a bias towards 0 of IPS
 */
export function estimateOffPolicy(
  decisions: Iterable<WeightedReward>,
  { maxWeight = Number.POSITIVE_INFINITY }: { readonly maxWeight?: number } = {},
): OffPolicyReport {
  let n = 0
  let clipped = 0
  let weights = 0
  let squares = 0
  let rewards = 0
  let largestWeight = 0
  const clusters = new Map<string, ClusterSums>()
  for (const { reward, weight: raw, cluster } of decisions) {
    const weight = Math.min(raw, maxWeight)
    if (raw > maxWeight) clipped++
    n++
    weights += weight
    squares += weight * weight
    rewards += weight * reward
    largestWeight = Math.max(largestWeight, weight)
    const sums = clusters.get(cluster) ?? { n: 0, weights: 0, rewards: 0 }
    clusters.set(cluster, {
      n: sums.n + 1,
      weights: sums.weights + weight,
      rewards: sums.rewards + weight * reward,
    })
  }
  return {
    decisions: n,
    clusters: clusters.size,
    ips: ratio(rewards, n, clusters.values(), clusters.size, (sums) => sums.n),
    snips: ratio(rewards, weights, clusters.values(), clusters.size, (sums) => sums.weights),
    effectiveSampleSize: squares === 0 ? 0 : (weights * weights) / squares,
    meanWeight: n === 0 ? null : weights / n,
    largestWeight,
    clipped,
  }
}

type ClusterSums = { readonly n: number; readonly weights: number; readonly rewards: number }

/** A ratio of two sums over clusters, whose residuals give its error. */
function ratio(
  rewards: number,
  size: number,
  clusters: Iterable<ClusterSums>,
  count: number,
  sizeOf: (sums: ClusterSums) => number,
): OffPolicyEstimate {
  if (size === 0) return { value: null, standardError: null, lower: null, upper: null }
  const value = rewards / size
  if (count < 2) return { value, standardError: null, lower: null, upper: null }
  let residuals = 0
  for (const sums of clusters) residuals += (sums.rewards - value * sizeOf(sums)) ** 2
  const standardError = Math.sqrt((residuals * count) / (count - 1)) / size
  return { value, standardError, lower: value - Z * standardError, upper: value + Z * standardError }
}

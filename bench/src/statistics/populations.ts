import type { MetricKind } from '@bulkhead/experimentation/domain/plan/metric'
import { standardNormal } from '@bulkhead/statistics/seeded-random'
import { type ArmSums, addUnit } from './units.ts'

/** Draws one unit and adds it to an arm. `lift` moves the mean by a share of the population's own: 0 without an effect. */
export type Population = {
  readonly kind: MetricKind
  readonly about: string
  readonly mean: number
  /** Of one unit; of a ratio, of the linearized one. */
  readonly variance: number
  /** Whether the value stands beside another one. */
  readonly beside: 'denominator' | 'covariate' | null
  draw(arm: ArmSums, random: () => number, lift: number): void
}

/** Such as plays or revenue: ln of it is normal with variance 1, so the skewness is (e + 2) sqrt(e - 1). */
export const SKEWED: Population = {
  kind: 'MEAN',
  about: 'log-normal, skewness 6.2',
  mean: Math.exp(0.5),
  variance: (Math.E - 1) * Math.E,
  beside: null,
  draw: (arm, random, lift) => addUnit(arm, Math.exp(standardNormal(random)) + lift * Math.exp(0.5)),
}

export const EXPONENTIAL: Population = {
  kind: 'MEAN',
  about: 'exponential, skewness 2',
  mean: 1,
  variance: 1,
  beside: null,
  draw: (arm, random, lift) => addUnit(arm, -Math.log(1 - random()) + lift),
}

const CONVERSION = 0.1
export const CONVERTING: Population = {
  kind: 'PROPORTION',
  about: 'converts with probability 0.1, skewness 2.7',
  mean: CONVERSION,
  variance: CONVERSION * (1 - CONVERSION),
  beside: null,
  draw: (arm, random, lift) => addUnit(arm, random() < CONVERSION * (1 + lift) ? 1 : 0),
}

const CLICK_RATE = 0.2
/**
 * Clicks of some slates: 1 + a geometric number of slates (skewness 2.0), each clicked with a probability that is the unit's
 * own, uniform from 0 to .4. So the slates of a unit are alike, and their number is random.
 */
export const CLICKING: Population = {
  kind: 'RATIO',
  about: 'clicks per slate; 4 slates a unit on average (geometric, skewness 2.0), a click rate of its own',
  mean: CLICK_RATE,
  // Given m slates: m E[p (1 - p)] + m^2 Var(p), over E[m]^2; m - 1 is geometric with mean 3 and variance 12.
  variance: (4 * (0.2 - 0.04 - 0.16 / 12) + (12 + 16) * (0.16 / 12)) / 16,
  beside: 'denominator',
  draw(arm, random, lift) {
    const slates = 1 + Math.floor(Math.log(1 - random()) / Math.log(0.75))
    const rate = CLICK_RATE * (2 * random() + lift)
    let clicks = 0
    for (let slate = 0; slate < slates; slate++) if (random() < rate) clicks += 1
    addUnit(arm, clicks, slates)
  },
}

export const CORRELATION = 0.7
/** As before the exposure, with a correlation of .7: both are sums of exponential parts. */
export const REMEMBERED: Population = {
  kind: 'MEAN',
  about: `sums of exponentials, skewness 1.5, correlation ${CORRELATION} with its covariate`,
  mean: 2,
  variance: 2,
  beside: 'covariate',
  draw(arm, random, lift) {
    // Shared parts of variance 1.4 and own parts of variance .6, each a scaled exponential.
    const shared = -Math.log(1 - random()) * Math.sqrt(1.4)
    const own = Math.sqrt(0.6)
    const now = shared - Math.log(1 - random()) * own
    const before = shared - Math.log(1 - random()) * own
    addUnit(arm, now + 2 - Math.sqrt(1.4) - own + lift * 2, before)
  },
}

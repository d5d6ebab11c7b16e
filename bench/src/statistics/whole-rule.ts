import { analyse } from '@bulkhead/experimentation/analysis/analyse'
import { analysePower } from '@bulkhead/experimentation/analysis/power-analysis'
import type { PlannedMetric } from '@bulkhead/experimentation/analysis/role-tests'
import { EMPTY_PLAN } from '@bulkhead/experimentation/domain/plan/analysis-plan'
import type { PowerQuestion } from '@bulkhead/experimentation/domain/plan/power-question'
import {
  NO_SUMS,
  sampleEvents,
  sampleMetric,
  sampleUnits,
} from '@bulkhead/experimentation/testing/sample-metrics'
import type { Check } from './check.ts'
import { EXPONENTIAL } from './populations.ts'
import { emptyArm, metricSums } from './units.ts'

const LEVEL = 0.05
const POWER = 0.8
const EFFECT = 0.12
const MARGIN = 0.12
const KEYS = ['control', 'treatment'] as const
const SUCCESSES = ['plays', 'likes'] as const

const METRICS: readonly PlannedMetric[] = [
  ...SUCCESSES.map(
    (key): PlannedMetric => ({
      definition: sampleMetric({ key, kind: 'MEAN' }),
      role: 'SUCCESS',
      margin: null,
    }),
  ),
  { definition: sampleMetric({ key: 'skips', kind: 'MEAN' }), role: 'GUARDRAIL', margin: MARGIN },
]

/** True effects, as shares of the mean. */
type Truth = Readonly<Record<'plays' | 'likes' | 'skips', number>>

const UNITS = plannedUnits()
const ABOUT = `2 success metrics, 1 guardrail with margin ${MARGIN}, ${EXPONENTIAL.about}; ${UNITS} units`

export const WHOLE_RULE: readonly Check[] = [
  {
    name: 'the rule ships what changes nothing',
    about: ABOUT,
    expectation: { type: 'level', alpha: LEVEL, conservative: true },
    run: (experiments, random) => ships(experiments, random, { plays: 0, likes: 0, skips: 0 }),
  },
  {
    name: 'the rule ships what is worse than a margin',
    about: `${ABOUT}; both successes far better, the guardrail at its margin`,
    expectation: { type: 'level', alpha: LEVEL, conservative: true },
    run: (experiments, random) => ships(experiments, random, { plays: 0.5, likes: 0.5, skips: -MARGIN }),
  },
  {
    name: 'power: the whole rule',
    about: `${ABOUT}; one success has its planned effect of ${EFFECT}`,
    // The beta of the tests is shared by Bonferroni, so the rule has more power than planned.
    expectation: { type: 'power', planned: POWER, atLeast: true },
    run: (experiments, random) => ships(experiments, random, { plays: EFFECT, likes: 0, skips: 0 }),
  },
]

/** How often an analysis recommends to ship: from sums to the verdict, as a stored one. */
function ships(experiments: number, random: () => number, truth: Truth) {
  const variants = KEYS.map((key) => ({
    ...{ key, name: key, weight: 0.5, payload: null },
    isControl: key === 'control',
  }))
  const inputs = {
    ...{ experimentKey: 'bench', version: { version: 1, variants }, metrics: METRICS, cutoff: 0, asOf: 1 },
    plan: { ...EMPTY_PLAN, alpha: LEVEL, power: POWER, twoSided: false, plannedSampleSize: UNITS },
  }
  let hits = 0
  for (let experiment = 0; experiment < experiments; experiment++) {
    const outcome = analyse(inputs, sampleEvents(sumsOf(truth, random)))
    if (outcome.type !== 'analysed') throw new Error(outcome.type)
    if (outcome.analysis.verdict.recommendation === 'SHIP') hits += 1
  }
  return { trials: experiments, hits }
}

/** Units fall to the variants at random, as they do in an experiment. */
function sumsOf(truth: Truth, random: () => number) {
  const lifts = [truth.plays, truth.likes, truth.skips]
  const arms = {
    control: METRICS.map(emptyArm),
    treatment: METRICS.map(emptyArm),
  }
  for (let unit = 0; unit < UNITS; unit++) {
    const isTreated = random() < 0.5
    const own = isTreated ? arms.treatment : arms.control
    for (let metric = 0; metric < own.length; metric++) {
      const arm = own[metric]
      if (arm !== undefined) EXPONENTIAL.draw(arm, random, isTreated ? (lifts[metric] ?? 0) : 0)
    }
  }
  const units = KEYS.map((variantKey) => sampleUnits(variantKey, BigInt(arms[variantKey][0]?.n ?? 0)))
  const metrics = METRICS.flatMap(({ definition: { key } }, index) =>
    KEYS.map((variantKey) => metricSums(key, variantKey, arms[variantKey][index] ?? emptyArm(), null)),
  )
  return { ...NO_SUMS, units, served: units, metrics }
}

/** What the calculator says for the success and the guardrail; the larger one. */
function plannedUnits(): number {
  const question: PowerQuestion = {
    ...{ kind: 'MEAN', baseline: EXPONENTIAL.mean, variance: EXPONENTIAL.variance, minimumEffect: EFFECT },
    ...{ scale: 'RELATIVE', method: 'FIXED_HORIZON', looks: null, spending: null, twoSided: false },
    ...{
      wholeRule: true,
      alpha: LEVEL,
      power: POWER,
      allocation: [0.5, 0.5],
      successMetrics: 2,
      guardrailMetrics: 1,
    },
    ...{ role: 'SUCCESS', cupedCorrelation: null },
  }
  const sizes = [question, { ...question, role: 'GUARDRAIL', minimumEffect: MARGIN } as const].map((one) => {
    const outcome = analysePower(one)
    if (outcome.type !== 'planned') throw new Error(JSON.stringify(outcome.problems))
    return outcome.analysis.totalUnits
  })
  return Math.max(...sizes)
}

import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { describeProblems } from '../domain/input-problems.ts'
import { PLANNED_ROLES, type PlannedRole } from '../domain/plan/power-question.ts'
import { daysOf } from '../domain/plan/traffic.ts'
import type { MetricRole, Resolvers } from './resolver-types.generated.ts'

const MAX_PERIOD_MS = 366 * 86_400_000

export const planningResolvers = {
  Query: {
    async experimentsWithLearning(_, { from, to }, { learning }) {
      if (!(from < to && to - from <= MAX_PERIOD_MS)) {
        throw serviceError(COMMON_ERRORS.BAD_USER_INPUT, '`to` must be after `from`, by at most 366 days.')
      }
      const { concluded, withLearning } = await learning.rate({ from, to })
      return { concluded, withLearning, rate: concluded === 0 ? null : withLearning / concluded }
    },
    async powerAnalysis(_, { input }, { planning }) {
      const outcome = await planning.power({
        ...input,
        allocation: [...input.allocation],
        variance: input.variance ?? null,
        looks: input.looks ?? null,
        spending: input.spending ?? null,
        role: readRole(input.role ?? null),
        cupedCorrelation: input.cupedCorrelation ?? null,
      })
      if (outcome.type === 'invalid-input') {
        throw badInput(describeProblems(outcome.problems))
      }
      const { analysis, unitsPerDay } = outcome
      return {
        ...analysis,
        unitsPerVariant: Math.min(...analysis.variantUnits),
        unitsPerDay,
        days: daysOf(analysis.totalUnits, unitsPerDay),
      }
    },
  },
} satisfies Partial<Resolvers>

function readRole(role: MetricRole | null): PlannedRole | null {
  const planned = PLANNED_ROLES.find((known) => known === role)
  if (role !== null && planned === undefined) {
    throw badInput(`role must be one of: ${PLANNED_ROLES.join(', ')}`)
  }
  return planned ?? null
}

function badInput(problems: string) {
  return serviceError(COMMON_ERRORS.BAD_USER_INPUT, `\`input\`: ${problems}.`)
}

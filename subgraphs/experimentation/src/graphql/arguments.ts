import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import type { AuditFilter, DecisionFilter, ExperimentFilter } from '../datastore/port.ts'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type {
  AnalysisPlanInput,
  AuditFilter as AuditFilterArgument,
  DecisionFilter as DecisionFilterArgument,
  ExperimentFilter as ExperimentFilterArgument,
} from './resolver-types.generated.ts'

const MAX_FILTER_VALUES = 100
const MAX_TEXT = 256

/** Null filters nothing. @throws ServiceError BAD_USER_INPUT that names the argument and what is allowed */
export function parseExperimentFilter(filter: ExperimentFilterArgument | null | undefined): ExperimentFilter {
  const { keys, statuses, owner, layer, modelVersionId, nameContains, createdAfter, createdBefore } =
    filter ?? {}
  refuseManyValues('keys', keys)
  refuseLongTexts({ owner, layer, modelVersionId, nameContains })
  return {
    ...(keys ? { keys: [...new Set(keys)] } : {}),
    ...(statuses ? { statuses: [...new Set(statuses)] } : {}),
    ...(owner == null ? {} : { owner }),
    ...(layer == null ? {} : { layer }),
    ...(modelVersionId == null ? {} : { modelVersionId }),
    ...(nameContains == null ? {} : { nameContains }),
    ...(createdAfter == null ? {} : { createdAfter }),
    ...(createdBefore == null ? {} : { createdBefore }),
  }
}

/** Null filters nothing. @throws ServiceError BAD_USER_INPUT that names the argument and what is allowed */
export function parseDecisionFilter(filter: DecisionFilterArgument | null | undefined): DecisionFilter {
  const { outcomes, modelVersionId, decidedBy, decidedAfter, decidedBefore } = filter ?? {}
  refuseLongTexts({ modelVersionId, decidedBy })
  return {
    ...(outcomes ? { outcomes: [...new Set(outcomes)] } : {}),
    ...(modelVersionId == null ? {} : { modelVersionId }),
    ...(decidedBy == null ? {} : { decidedBy }),
    ...(decidedAfter == null ? {} : { decidedAfter }),
    ...(decidedBefore == null ? {} : { decidedBefore }),
  }
}

/** Null filters nothing. @throws ServiceError BAD_USER_INPUT that names the argument and what is allowed */
export function parseAuditFilter(filter: AuditFilterArgument | null | undefined): AuditFilter {
  const { subject, by, actions, after, before } = filter ?? {}
  refuseManyValues('actions', actions)
  refuseLongTexts({ subject, by })
  return {
    ...(subject == null ? {} : { subject }),
    ...(by == null ? {} : { by }),
    ...(actions ? { actions: [...new Set(actions)] } : {}),
    ...(after == null ? {} : { after }),
    ...(before == null ? {} : { before }),
  }
}

export function parsePlan(input: AnalysisPlanInput): AnalysisPlan {
  const { method, scale, twoSided, alpha, power, cuped, segments, exclusions } = input
  return {
    method,
    scale,
    twoSided,
    alpha,
    power,
    spending: input.spending ?? null,
    looks: input.looks ?? null,
    cuped,
    segments: [...segments],
    exclusions: exclusions.map(({ savedGroup, version }) => ({ savedGroup, version })),
    plannedSampleSize: input.plannedSampleSize ?? null,
    plannedEnd: input.plannedEnd ?? null,
    ...(input.noAnalysis ? { noAnalysis: true } : {}),
  }
}

function refuseManyValues(name: string, values: readonly unknown[] | null | undefined): void {
  if (!values || values.length <= MAX_FILTER_VALUES) return
  throw serviceError(
    COMMON_ERRORS.BAD_USER_INPUT,
    `\`filter.${name}\` must be at most ${MAX_FILTER_VALUES} ${name}.`,
  )
}

function refuseLongTexts(texts: Readonly<Record<string, string | null | undefined>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text && text.length > MAX_TEXT) {
      throw serviceError(
        COMMON_ERRORS.BAD_USER_INPUT,
        `\`filter.${name}\` must be at most ${MAX_TEXT} characters.`,
      )
    }
  }
}

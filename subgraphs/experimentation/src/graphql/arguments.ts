import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import type { ExperimentFilter } from '../datastore/port.ts'
import type { ExperimentFilter as ExperimentFilterArgument } from './resolver-types.generated.ts'

const MAX_FILTER_VALUES = 100
const MAX_TEXT = 256

/** Null filters nothing. @throws ServiceError BAD_USER_INPUT that names the argument and what is allowed */
export function parseExperimentFilter(filter: ExperimentFilterArgument | null | undefined): ExperimentFilter {
  const { keys, statuses, owner, modelVersionId, nameContains, createdAfter, createdBefore } = filter ?? {}
  if (keys && keys.length > MAX_FILTER_VALUES) {
    throw serviceError(
      COMMON_ERRORS.BAD_USER_INPUT,
      `\`filter.keys\` must be at most ${MAX_FILTER_VALUES} keys.`,
    )
  }
  for (const [name, text] of Object.entries({ owner, modelVersionId, nameContains })) {
    if (text && text.length > MAX_TEXT) {
      throw serviceError(
        COMMON_ERRORS.BAD_USER_INPUT,
        `\`filter.${name}\` must be at most ${MAX_TEXT} characters.`,
      )
    }
  }
  return {
    ...(keys ? { keys: [...new Set(keys)] } : {}),
    ...(statuses ? { statuses: [...new Set(statuses)] } : {}),
    ...(owner == null ? {} : { owner }),
    ...(modelVersionId == null ? {} : { modelVersionId }),
    ...(nameContains == null ? {} : { nameContains }),
    ...(createdAfter == null ? {} : { createdAfter }),
    ...(createdBefore == null ? {} : { createdBefore }),
  }
}

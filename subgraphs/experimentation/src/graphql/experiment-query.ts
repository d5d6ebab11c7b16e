import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { decodeCursor, encodeCursor, parsePage, toConnection } from '@bulkhead/service/pagination'
import { z } from 'zod'
import type {
  ExperimentFilter,
  ExperimentOrderField,
  ExperimentPage,
  ExperimentPosition,
  ExperimentQuery,
} from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { ExperimentConnectionParent } from './models.ts'
import type { ExperimentFilter as FilterInput, QueryExperimentsArgs } from './resolver-types.generated.ts'

const MAX_PAGE = 100
const MAX_FILTER_KEYS = 100
const MAX_FILTER_TEXT = 256

type Order = ExperimentQuery['orderBy']

const positionSchemas: Record<ExperimentOrderField, z.ZodType<[number | string | null, string]>> = {
  CREATED_AT: z.tuple([z.number(), z.string()]),
  STARTED_AT: z.tuple([z.number().nullable(), z.string()]),
  KEY: z.tuple([z.string(), z.string()]),
}

/** The arguments of `experiments` as the datastore's query. @throws ServiceError BAD_USER_INPUT */
export function toExperimentQuery(
  args: Pick<QueryExperimentsArgs, 'filter' | 'orderBy' | 'first' | 'after'>,
): ExperimentQuery {
  const { orderBy } = args
  const page = parsePage({ first: args.first, after: args.after }, { max: MAX_PAGE })
  return {
    filter: toFilter(args.filter ?? {}),
    orderBy,
    limit: page.first,
    after: page.after === undefined ? null : readCursor(orderBy, page.after),
  }
}

/**
 * @param query the one that the page answers
 * @param count of all that match the query's filter
 */
export function toExperimentConnection(
  page: ExperimentPage,
  query: ExperimentQuery,
  count: () => Promise<number>,
): ExperimentConnectionParent {
  const edges = page.experiments.map((node) => ({ cursor: writeCursor(query.orderBy, node), node }))
  return toConnection(edges, {
    hasNextPage: page.hasMore,
    hasPreviousPage: query.after !== null,
    count,
  })
}

/** The order is in the cursor's kind: in another order the position would mean nothing. */
function cursorKind({ field, direction }: Order): string {
  return `experiments:${field}:${direction}`
}

function writeCursor(order: Order, experiment: Experiment): string {
  const values = { CREATED_AT: experiment.createdAt, STARTED_AT: experiment.startedAt, KEY: experiment.key }
  return encodeCursor(cursorKind(order), [values[order.field], experiment.key])
}

function readCursor(order: Order, cursor: string): ExperimentPosition {
  const [value, key] = decodeCursor(cursorKind(order), cursor, positionSchemas[order.field])
  return { value, key }
}

function toFilter(input: FilterInput): ExperimentFilter {
  const { keys, statuses, owner, modelVersionId, nameContains, createdAfter, createdBefore } = input
  if (keys && keys.length > MAX_FILTER_KEYS) {
    throw serviceError(
      COMMON_ERRORS.BAD_USER_INPUT,
      `\`filter.keys\` may name ${MAX_FILTER_KEYS} keys at most.`,
    )
  }
  for (const [name, text] of Object.entries({ owner, modelVersionId, nameContains })) {
    if (text && text.length > MAX_FILTER_TEXT) {
      throw serviceError(
        COMMON_ERRORS.BAD_USER_INPUT,
        `\`filter.${name}\` may be ${MAX_FILTER_TEXT} characters at most.`,
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

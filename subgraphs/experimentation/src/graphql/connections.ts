import { decodeCursor, encodeCursor, parsePage, toConnection } from '@bulkhead/service/graphql/pagination'
import { z } from 'zod'
import type { ExperimentOrderField, ExperimentPosition, ExperimentQuery } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Reader } from '../services/reader.ts'
import { parseExperimentFilter } from './arguments.ts'
import type { QueryExperimentsArgs } from './resolver-types.generated.ts'

/** Upper bound on the nodes of a page; the SDL says the same. */
const MAX_PAGE = 100

type Order = ExperimentQuery['orderBy']

const positionSchemas: Record<ExperimentOrderField, z.ZodType<[number | string | null, string]>> = {
  CREATED_AT: z.tuple([z.number(), z.string()]),
  STARTED_AT: z.tuple([z.number().nullable(), z.string()]),
  KEY: z.tuple([z.string(), z.string()]),
}

/** A page of experiments. @throws ServiceError BAD_USER_INPUT for arguments out of range */
export async function experimentConnection(
  args: Pick<QueryExperimentsArgs, 'filter' | 'orderBy' | 'first' | 'after'>,
  reader: Pick<Reader, 'findExperiments' | 'countExperiments'>,
) {
  const { orderBy } = args
  const { first, after } = parsePage({ first: args.first, after: args.after }, { max: MAX_PAGE })
  const position = after === undefined ? null : readCursor(orderBy, after)
  const filter = parseExperimentFilter(args.filter)
  const page = await reader.findExperiments({ filter, orderBy, limit: first, after: position })
  const edges = page.experiments.map((node) => ({ cursor: writeCursor(orderBy, node), node }))
  return toConnection(edges, {
    hasNextPage: page.hasMore,
    hasPreviousPage: position !== null,
    count: () => reader.countExperiments(filter),
  })
}

/** The order is part of the kind, because a position is meaningless in another order. */
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

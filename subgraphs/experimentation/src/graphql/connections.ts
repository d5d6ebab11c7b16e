import { decodeCursor, encodeCursor, parsePage, toConnection } from '@bulkhead/service/graphql/pagination'
import { z } from 'zod'
import type { ExperimentOrderField, ExperimentPosition, ExperimentQuery } from '../datastore/port.ts'
import type { AuditEntry } from '../domain/audit/entry.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Reader } from '../services/reader.ts'
import { parseAuditFilter, parseDecisionFilter, parseExperimentFilter } from './arguments.ts'
import type { Loaders } from './loaders.ts'
import type {
  QueryAuditLogArgs,
  QueryDecisionsArgs,
  QueryExperimentsArgs,
  QueryMetricsArgs,
} from './resolver-types.generated.ts'

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

const DECISIONS = 'decisions'
const decisionPositionSchema = z.tuple([z.number(), z.string()])

/** A page of decisions, the newest first. @throws ServiceError BAD_USER_INPUT for arguments out of range */
export async function decisionConnection(
  args: QueryDecisionsArgs,
  reader: Pick<Reader, 'findDecided' | 'countDecided'>,
) {
  const { first, after } = parsePage({ first: args.first, after: args.after }, { max: MAX_PAGE })
  const position = after === undefined ? null : decodeCursor(DECISIONS, after, decisionPositionSchema)
  const filter = parseDecisionFilter(args.filter)
  const page = await reader.findDecided({
    filter,
    limit: first,
    after: position && { decidedAt: position[0], key: position[1] },
  })
  const edges = page.experiments.flatMap((experiment) => {
    const { decision, key } = experiment
    if (decision === null) return []
    return [{ cursor: encodeCursor(DECISIONS, [decision.decidedAt, key]), node: { decision, experiment } }]
  })
  return toConnection(edges, {
    hasNextPage: page.hasMore,
    hasPreviousPage: position !== null,
    count: () => reader.countDecided(filter),
  })
}

const AUDIT = 'audit'
/** An entry holds what it has changed, and a change of many variants is large. */
const MAX_AUDIT_PAGE_BYTES = 1024 * 1024

/** A page of the audit log, the oldest first. @throws ServiceError BAD_USER_INPUT for arguments out of range */
export async function auditConnection(args: QueryAuditLogArgs, reader: Pick<Reader, 'findAuditEntries'>) {
  const { first, after } = parsePage({ first: args.first, after: args.after }, { max: MAX_PAGE })
  const position = after === undefined ? 0 : decodeCursor(AUDIT, after, z.tuple([z.int()]))[0]
  const filter = parseAuditFilter(args.filter)
  const page = await reader.findAuditEntries({ filter, limit: first, after: position })
  const entries = withinBytes(page.entries)
  const edges = entries.map((node) => ({ cursor: encodeCursor(AUDIT, [node.sequence]), node }))
  const hasNextPage = page.hasMore || entries.length < page.entries.length
  return toConnection(edges, { hasNextPage, hasPreviousPage: position !== 0 })
}

/** The first of these that fit into a page; at least one, so that every page leads on. */
function withinBytes(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  let bytes = 0
  const beyond = entries.findIndex((entry, index) => {
    bytes += Buffer.byteLength(JSON.stringify(entry))
    return index > 0 && bytes > MAX_AUDIT_PAGE_BYTES
  })
  return beyond === -1 ? entries : entries.slice(0, beyond)
}

const ANALYSES = 'analyses'
/** An analysis is large. */
const MAX_ANALYSES_PAGE = 50

/** A page of an experiment's analyses, the newest first. @throws ServiceError BAD_USER_INPUT for arguments out of range */
export async function analysisConnection(
  experimentKey: string,
  args: { readonly first: number; readonly after?: string | null },
  loaders: Pick<Loaders, 'analysisPages'>,
) {
  const { first, after } = parsePage({ first: args.first, after: args.after }, { max: MAX_ANALYSES_PAGE })
  const schema = z.tuple([z.number(), z.number(), z.string()])
  const position = after === undefined ? null : decodeCursor(ANALYSES, after, schema)
  const page = await loaders
    .analysisPages(first, position && { cutoff: position[0], createdAt: position[1], id: position[2] })
    .load(experimentKey)
  const edges = page.analyses.map((node) => {
    const { cutoff, createdAt, id } = node.stored
    return { cursor: encodeCursor(ANALYSES, [cutoff, createdAt, id]), node }
  })
  return toConnection(edges, { hasNextPage: page.hasMore, hasPreviousPage: position !== null })
}

const METRICS = 'metrics'

/** A page of metrics by key, each at its newest version. @throws ServiceError BAD_USER_INPUT for arguments out of range */
export async function metricConnection(args: QueryMetricsArgs, reader: Pick<Reader, 'findMetrics'>) {
  const { first, after } = parsePage({ first: args.first, after: args.after }, { max: MAX_PAGE })
  const position = after === undefined ? null : decodeCursor(METRICS, after, z.tuple([z.string()]))[0]
  const page = await reader.findMetrics({ limit: first, after: position })
  const edges = page.metrics.flatMap(({ key, versions }) => {
    const node = versions.at(-1)
    return node === undefined ? [] : [{ cursor: encodeCursor(METRICS, [key]), node }]
  })
  return toConnection(edges, { hasNextPage: page.hasMore, hasPreviousPage: position !== null })
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

import { isRecord } from '@bulkhead/service/json'
import { type ExecutionResult, parse } from 'graphql'
import { canonicalJson } from './canonical-json.ts'
import { createFetch, executeOurs, type Prepared, prepare } from './execute-graph.ts'
import type { Faults, World } from './faults.ts'
import { type GeneratedOperation, generateOperation } from './generate-operation.ts'
import type { DataObject, TestGraph } from './graphs/graph.ts'
import { composeGraph, type InProcessGraph } from './in-process-graph.ts'
import { createTestRandom } from './seeded-random.ts'
import { explainDifference, fetchesOf, type StockDifference } from './stock-differences.ts'
import { executeStock } from './stock-gateway.ts'

/** What a run met, so that a test can see that it tested something. */
export type Tally = {
  operations: number
  /** Operations that took more than one fetch. */
  federated: number
  /** Operations whose answer had errors. */
  withErrors: number
  /** Operations that were answered with the subgraphs' own words. */
  verbatim: number
  stockDifferences: Record<StockDifference, number>
}

/** Sets of data that operations are executed on. */
const DATA_SETS = 40
/** One in so many operations is a mutation, where the graph has some. */
const MUTATION_EVERY = 10
/** One in so many operations is large. */
const LARGE_EVERY = 25

/** One operation with all that it takes to execute it. */
export type Case = {
  readonly graph: InProcessGraph
  readonly seed: number
  readonly operation: GeneratedOperation
  readonly prepared: Prepared
  /** New data for each execution of a mutation. */
  createWorld(): World
}

/** Generates operations of a graph, the same for the same seed, and prepares each. */
export function* generateCases(
  testGraph: TestGraph,
  options: {
    readonly seed: number
    readonly count: number
    faultsOf?(graph: TestGraph, seed: number): Faults
  },
): Generator<Case> {
  const graph = composeGraph(testGraph)
  for (let seed = options.seed; seed < options.seed + options.count; seed += 1) {
    const random = createTestRandom(seed)
    const createData = () => testGraph.createData(createTestRandom(seed % DATA_SETS))
    const data = createData()
    const isMutation = data.mutation !== undefined && seed % MUTATION_EVERY === 0
    const operation = generateOperation(graph.supergraph.schema, random, {
      operation: isMutation ? 'mutation' : 'query',
      depth: seed % LARGE_EVERY === 0 ? 5 : 3,
      fields: seed % LARGE_EVERY === 0 ? 24 : 3 + random.below(7),
      texts: idsOf(data.entities),
    })
    const faults = options.faultsOf?.(testGraph, seed) ?? null
    yield {
      graph,
      seed,
      operation,
      prepared: prepare(graph, operation, false),
      createWorld: () => ({ data: isMutation ? createData() : data, faults }),
    }
  }
}

/** Some values that arguments can find something by, and one that finds nothing. */
function idsOf(entities: readonly DataObject[]): string[] {
  const ids = entities.slice(0, 3).flatMap((entity) => [entity.id ?? entity.code ?? entity.number])
  return [...ids.map(String), 'none']
}

export function createTally(): Tally {
  return {
    operations: 0,
    federated: 0,
    withErrors: 0,
    verbatim: 0,
    stockDifferences: {
      'list-of-lists': 0,
      'nested-condition': 0,
      'interface-object-name': 0,
      'context-arguments': 0,
    },
  }
}

/**
 * Executes a case with the gateway's executor, in one process over the merged schema, and with the stock executor.
 * @throws {Error} where our data are not those of the one process, or differ from the stock executor's for no known reason
 */
export async function compareExecutions(each: Case, tally: Tally): Promise<void> {
  const { graph, operation, prepared, createWorld } = each
  const execution = await executeOurs(prepared, createFetch(graph, createWorld()))
  const { initial: ours } = execution
  const { initial: parsed } = await executeOurs(prepared, createFetch(graph, createWorld(), { parsed: true }))
  const merged = await graph.executeMerged(parse(operation.query), operation.variables, createWorld())
  tally.operations += 1
  if (prepared.compiled.plan.fetches.length > 1) tally.federated += 1
  if (ours.errors.length > 0) tally.withErrors += 1

  if (execution.verbatim) {
    tally.verbatim += 1
    if (execution.verbatim.toString() !== JSON.stringify({ data: parsed.data }))
      throw unequal(each, 'answer than the one made of parsed values', execution.verbatim.toString(), parsed)
  } else if (JSON.stringify(ours) !== JSON.stringify(parsed)) {
    throw unequal(each, 'answer than without trying to take it as it comes', ours, parsed)
  }

  // Fields have an order, too: 6.3.2 CollectFields.
  if (JSON.stringify(ours.data) !== JSON.stringify(merged.data)) throw unequal(each, 'data', ours, merged)
  const [ourNulls, mergedNulls] = [nullsWithErrors(ours), nullsWithErrors(merged)]
  if (ourNulls !== mergedNulls) throw unequal(each, 'errors', ours, merged)

  const stock = await executeStock(graph, prepared, createWorld())
  if (canonicalJson(stock.data) === canonicalJson(ours.data)) return
  const reason = await explainDifference(graph, operation, prepared, createWorld)
  if (!reason) throw unequal(each, "stock executor's data", ours, stock)
  tally.stockDifferences[reason] += 1
}

/**
 * Where the errors left a null in the data. Paths are cut there, because executors may give up sibling fields in another
 * order, and then report other errors below that null: 6.4.4 "If all fields from the root of the request to the source
 * of the field error return Non-Null types, then the data entry in the response should be null", whatever else failed.
 */
function nullsWithErrors({ data, errors }: Pick<ExecutionResult, 'data' | 'errors'> | Answer): string {
  const places = (errors ?? []).flatMap(({ path = [] }) => {
    let value: unknown = data ?? null
    let length = 0
    while (length < path.length && value !== null) {
      value = isRecord(value) || Array.isArray(value) ? Reflect.get(value, path[length] ?? '') : undefined
      length += 1
    }
    // A field that the client did not select: the planner may ask for it on more objects than those it was selected on.
    return value === undefined ? [] : [JSON.stringify(path.slice(0, length))]
  })
  return [...new Set(places)].sort().join(' ')
}

type Answer = {
  readonly data: unknown
  readonly errors: readonly { readonly path?: readonly (string | number)[] }[]
}

export function unequal(each: Case, what: string, ours: unknown, theirs: unknown): Error {
  const { graph, seed, operation, prepared } = each
  const fetches = fetchesOf(prepared.plan.node as Parameters<typeof fetchesOf>[0])
  return new Error(
    [
      `${graph.name}, seed ${seed}: other ${what}`,
      operation.query,
      `variables: ${JSON.stringify(operation.variables)}`,
      ...fetches.map(
        (fetch) => `${fetch.serviceName}: ${JSON.stringify(fetch.requires ?? null)} => ${fetch.operation}`,
      ),
      `ours: ${JSON.stringify(ours)}`,
      `theirs: ${JSON.stringify(theirs)}`,
    ].join('\n'),
  )
}

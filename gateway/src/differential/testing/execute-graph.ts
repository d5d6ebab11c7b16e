import type { PlanNode, QueryPlan } from '@apollo/query-planner'
import { getVariableValues, Kind, parse } from 'graphql'
import type { CompiledOperation } from '../../execution/compile-operation.ts'
import { type Execution, executeOperation } from '../../execution/execute-operation.ts'
import type { OperationLimits } from '../../limits/operation-limits.ts'
import type { Allows } from '../../operations/authorize-operation.ts'
import { conditionVariables, decideConditions, withoutDefer } from '../../operations/conditions.ts'
import { type NormalizedOperation, normalizeOperation } from '../../operations/normalize-operation.ts'
import { prepareOperation } from '../../operations/prepare-operation.ts'
import type { FetchAnswer, SubgraphFetch } from '../../subgraphs/fetch-subgraph.ts'
import { readSubgraphErrors, summarize } from '../../subgraphs/subgraph-errors.ts'
import type { World } from './faults.ts'
import type { GeneratedOperation } from './generate-operation.ts'
import type { InProcessGraph } from './in-process-graph.ts'

/** Generated operations are larger than those of clients. */
const LIMITS: OperationLimits = {
  documentLength: 1_000_000,
  tokens: 100_000,
  variableValues: 100_000,
  depth: 100,
  selections: 100_000,
  rootFields: 100_000,
  aliases: 100_000,
  directives: 100_000,
  deferredFragments: 100_000,
  cost: Number.MAX_SAFE_INTEGER,
  listSize: 0,
}

/** Long enough for a machine under load. */
const NEVER_MS = 600_000

/** An operation as the gateway has prepared it, with what it was made of. */
export type Prepared = {
  readonly variables: GeneratedOperation['variables']
  readonly coercedVariables: Readonly<Record<string, unknown>>
  readonly compiled: CompiledOperation
  readonly normalized: NormalizedOperation
  readonly plan: QueryPlan
}

/** @throws {Error} where the operation is not valid, or cannot be planned */
export function prepare(
  graph: InProcessGraph,
  request: GeneratedOperation,
  acceptsParts: boolean,
  allows: Allows = () => true,
): Prepared {
  const { query, variables } = request
  const nodes: PlanNode[] = []
  const { planner, schema } = graph.supergraph
  const recording: typeof planner = Object.create(planner, {
    buildQueryPlan: {
      value(...parameters: Parameters<typeof planner.buildQueryPlan>) {
        const plan = planner.buildQueryPlan(...parameters)
        if (plan.node && plan.node.kind !== 'Subscription') nodes.push(plan.node)
        return plan
      },
    },
  })
  const supergraph = { ...graph.supergraph, planner: recording }
  const prepared = prepareOperation(
    supergraph,
    { query, operationName: undefined, acceptsParts },
    { rules: { limits: LIMITS, introspection: true } },
  )
  if (!('compiledFor' in prepared)) throw new Error(`not valid: ${prepared[0]?.message}\n${query}`)
  const { coerced, errors } = getVariableValues(schema, prepared.operation.variableDefinitions ?? [], {
    ...variables,
  })
  if (!coerced) throw new Error(`not valid: ${errors?.[0]?.message}\n${query}`)
  const compiled = prepared.compiledFor(coerced, allows)
  // Answers in the subgraphs' own words begin when an operation is asked again.
  compiled.prepareVerbatim()
  return {
    variables,
    coercedVariables: coerced,
    compiled,
    normalized: normalize(graph, query, coerced, acceptsParts),
    // A mutation is planned field by field.
    plan: { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } },
  }
}

function normalize(
  { supergraph }: InProcessGraph,
  query: string,
  coerced: Readonly<Record<string, unknown>>,
  acceptsParts: boolean,
): NormalizedOperation {
  const parsed = parse(query)
  const document = acceptsParts ? parsed : withoutDefer(parsed)
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new Error('no operation')
  const conditions = decideConditions(conditionVariables(document), coerced)
  return normalizeOperation(document, operation, conditions, supergraph)
}

/** Executes with the gateway's executor. An answer that was not made of values is parsed, as a client would. */
export async function executeOurs(
  { compiled, variables, coercedVariables }: Prepared,
  fetch: SubgraphFetch,
): Promise<Execution> {
  const execution = await executeOperation(compiled, {
    variables,
    coercedVariables,
    fetch,
    deadlines: { rootMs: NEVER_MS, entityMs: NEVER_MS, deferredMs: NEVER_MS },
    requestId: 'test',
    caller: null,
    cancellation: null,
  })
  if (execution.verbatim === null) return execution
  return { ...execution, initial: { data: JSON.parse(execution.verbatim.toString()).data, errors: [] } }
}

/**
 * Asks the subgraphs of this process, and reads their answers as those that come over HTTP are read.
 * @param options.parsed whether all answers are parsed
 */
export function createFetch(
  graph: InProcessGraph,
  world: World,
  { parsed = false }: { readonly parsed?: boolean } = {},
): SubgraphFetch {
  return async ({ subgraph, body, ofEntities, take }): Promise<FetchAnswer> => {
    const answer = await graph.ask(subgraph, JSON.parse(body), world)
    const { data, errors } = answer
    if (!parsed && take?.(Buffer.from(JSON.stringify(answer))))
      return { data: null, errors: [], failure: null }
    const read = readSubgraphErrors(errors, { subgraph, ofEntities })
    return data
      ? { data, errors: read, failure: null }
      : { data: null, errors: read, failure: summarize(read, subgraph) }
  }
}

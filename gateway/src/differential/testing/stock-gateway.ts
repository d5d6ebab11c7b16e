import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import { isRecord } from '@bulkhead/service/json'
import type { ExecutionResult } from 'graphql'
import { type ClientKeys, clientPath } from '../../execution/response/client-keys.ts'
import type { Prepared } from './execute-graph.ts'
import type { World } from './faults.ts'
import type { InProcessGraph, SubgraphQuery } from './in-process-graph.ts'

/** Executes the plan that the gateway made with the executor of `@apollo/gateway`. */
export async function executeStock(
  graph: InProcessGraph,
  { plan, normalized, variables }: Prepared,
  world: World,
): Promise<ExecutionResult> {
  const { supergraph } = graph
  const sources = supergraph.subgraphs.map(({ name }) => {
    const source = {
      process: async ({ request }: { request: SubgraphQuery }) => graph.ask(name, request, world),
    }
    return [name, source as unknown as GraphQLDataSource]
  })
  const requestContext = { request: { variables }, context: {}, metrics: {}, logger: console }
  const { data, ...rest } = (await executeQueryPlan(
    plan,
    Object.fromEntries(sources),
    requestContext as unknown as Parameters<typeof executeQueryPlan>[2],
    buildOperationContext({ schema: supergraph.schema, operationDocument: normalized.document }),
    supergraph.fullSchema,
    supergraph.planner.supergraph.apiSchema(),
  )) as ExecutionResult
  const errors = rest.errors?.map((error) => {
    const path = error.path && clientPath(error.path, normalized.clientKeys)
    return Object.assign(Object.create(error), { path })
  })
  return {
    ...rest,
    ...(isRecord(data) ? { data: withClientKeys(data, normalized.clientKeys) } : { data: null }),
    ...(errors ? { errors } : {}),
  }
}

/** The stock executor answers with the keys of the document that was planned. */
function withClientKeys(value: Record<string, unknown>, keys: ClientKeys): Record<string, unknown> {
  function renamed(each: unknown): unknown {
    if (Array.isArray(each)) return each.map(renamed)
    return isRecord(each) ? withClientKeys(each, keys) : each
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const clientKey = keys.get(key)
      return clientKey === null ? [] : [[clientKey ?? key, renamed(each)]]
    }),
  )
}

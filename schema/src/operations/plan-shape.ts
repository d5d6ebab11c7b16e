import { operationFromDocument, type Supergraph } from '@apollo/federation-internals'
import { type PlanNode, QueryPlanner, type SubscriptionNode } from '@apollo/query-planner'
import type { DocumentNode } from 'graphql'

/** What an operation costs: which subgraphs it needs, and how many fetches have to wait for each other. */
export type PlanShape = {
  /** Sorted. */
  readonly subgraphs: readonly string[]
  readonly roundTrips: number
}

/** Plans operations that are valid. Making the planner takes long, so it is made for the first of them. */
export function createPlanner(supergraph: Supergraph): (document: DocumentNode) => PlanShape {
  let planner: QueryPlanner | null = null
  return function shapeOf(document) {
    // What is deferred is needed all the same, so `@defer` is planned as if it were not there.
    planner ??= new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: false } })
    const operation = operationFromDocument(planner.supergraph.apiSchema(), document)
    const { node } = planner.buildQueryPlan(operation)
    return { subgraphs: [...new Set(subgraphsOf(node))].toSorted(), roundTrips: roundTripsOf(node) }
  }
}

type Node = PlanNode | SubscriptionNode | undefined

function subgraphsOf(node: Node): readonly string[] {
  return node?.kind === 'Fetch' ? [node.serviceName] : partsOf(node).flatMap(subgraphsOf)
}

/** The fetches on the longest way through the plan. */
function roundTripsOf(node: Node): number {
  if (node?.kind === 'Fetch') return 1
  const parts = partsOf(node).map(roundTripsOf)
  const isOneByOne = node?.kind === 'Sequence' || node?.kind === 'Subscription'
  return isOneByOne ? parts.reduce((sum, one) => sum + one, 0) : Math.max(0, ...parts)
}

function partsOf(node: Node): readonly Node[] {
  switch (node?.kind) {
    case undefined:
    case 'Fetch':
      return []
    case 'Flatten':
      return [node.node]
    case 'Sequence':
    case 'Parallel':
      return node.nodes
    case 'Condition':
      return [node.ifClause, node.elseClause]
    case 'Subscription':
      return [node.primary, node.rest]
    case 'Defer':
      return [node.primary.node, ...node.deferred.map((deferred) => deferred.node)]
  }
}

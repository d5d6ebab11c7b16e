import { readFileSync } from 'node:fs'
import {
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  operationFromDocument,
  RequiresScopesSpecDefinition,
  Supergraph,
} from '@apollo/federation-internals'
import { type PlanNode, QueryPlanner, type SubscriptionNode } from '@apollo/query-planner'
import { parse } from 'graphql'
import { expect, test } from 'vitest'

const SUPERGRAPH_PATH = new URL('../supergraph.graphql', import.meta.url)
const supergraph = Supergraph.build(readFileSync(SUPERGRAPH_PATH, 'utf8'), {
  supportedFeatures: new Set([
    ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
    `${RequiresScopesSpecDefinition.identity}/v0.1`,
  ]),
})
const apiSchema = supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true })

/** The subgraph of every fetch in a plan, in the plan's order. */
function fetches(node: PlanNode | SubscriptionNode | undefined): string[] {
  switch (node?.kind) {
    case undefined:
      return []
    case 'Fetch':
      return [node.serviceName]
    case 'Flatten':
      return fetches(node.node)
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetches)
    case 'Defer':
      return [...fetches(node.primary.node), ...node.deferred.flatMap((deferred) => fetches(deferred.node))]
    case 'Condition':
      return [...fetches(node.ifClause), ...fetches(node.elseClause)]
    case 'Subscription':
      return [...fetches(node.primary), ...fetches(node.rest)]
  }
}

function plan(query: string, enableDefer: boolean) {
  const planner = new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer } })
  const operation = operationFromDocument(planner.supergraph.apiSchema(), parse(query))
  return planner.buildQueryPlan(operation).node
}

const EXPOSURES = 'exposures { experimentKey variantKey status applied }'

test('a slate with its exposures costs one fetch of each subgraph', () => {
  const node = plan(
    `{ recommendations(userId: "u1") { id items { nodes { id title } } ${EXPOSURES} } }`,
    false,
  )
  expect(fetches(node)).toEqual(['personalization', 'experimentation'])
})

test('deferred exposures are planned without a second fetch of personalization', () => {
  const node = plan(
    `{ recommendations(userId: "u1") { id items { nodes { id title } } ... @defer { ${EXPOSURES} } } }`,
    true,
  )
  expect(node?.kind).toBe('Defer')
  expect(fetches(node)).toEqual(['personalization', 'experimentation'])
})

test('a stored slate is as cheap: its key carries what experimentation needs', () => {
  const node = plan(`{ slate(id: "s") { id ... @defer { ${EXPOSURES} } } }`, true)
  expect(fetches(node)).toEqual(['personalization', 'experimentation'])
})

test('clients cannot see the exposure context that the key carries', () => {
  const slate = apiSchema.getType('RecommendationSlate')
  expect(slate && 'getFields' in slate ? Object.keys(slate.getFields()) : []).not.toContain('exposureContext')
})

import { readFile } from 'node:fs/promises'
import { buildSubgraphSchema } from '@apollo/subgraph'
import type { SubgraphName } from '@bulkhead/dev/environment'
import { type GraphQLSchema, parse } from 'graphql'

/** The subgraph's own schema, answered with made-up data that depends on the arguments alone. */
export async function loadCannedSchema(subgraph: SubgraphName): Promise<GraphQLSchema> {
  const typeDefs = parse(await readFile(SCHEMAS[subgraph], 'utf8'))
  return buildSubgraphSchema([{ typeDefs, resolvers: { ...RESOLVERS[subgraph] } }])
}

const SCHEMAS = {
  personalization: new URL('../../../../subgraphs/personalization/src/schema.graphql', import.meta.url),
  experimentation: new URL('../../../../subgraphs/experimentation/src/schema.graphql', import.meta.url),
}

const INSTANT = '2026-01-31T12:00:00.000Z'
const MODEL_ID = 'item-to-item-1'
const SLATE_PREFIX = 'slate-'

const RESOLVERS = {
  personalization: {
    Query: {
      recommendations: (_: unknown, args: { userId: string; size: number }) => slate(args.userId, args.size),
    },
    RecommendationSlate: {
      __resolveReference: ({ id }: { id: string }) => slate(id.slice(SLATE_PREFIX.length), 0),
    },
  },
  experimentation: {
    RecommendationSlate: {
      __resolveReference: (reference: { id: string; exposureContext: string }) => ({
        ...reference,
        exposures: exposures(reference.id.slice(SLATE_PREFIX.length)),
      }),
    },
  },
}

function slate(userId: string, size: number) {
  const edges = Array.from({ length: size }, (_, index) => edge(index))
  return {
    id: `${SLATE_PREFIX}${userId}`,
    // As long as a real one of two experiments; nothing decodes it.
    exposureContext: `1.${'WzQyLFsi'.repeat(10)}${userId}`,
    userId,
    surface: 'home',
    createdAt: INSTANT,
    items: {
      edges,
      nodes: edges.map(({ node }) => node),
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: size,
    },
    servedBy: { rung: 'MODEL', cause: null },
    modelVersion: { id: MODEL_ID },
    snapshotVersion: 42,
    policy: { id: 'ranked', seed: userId, candidatesHash: 'c'.repeat(64) },
    user: { id: userId },
  }
}

function edge(index: number) {
  const id = `track-${index}`
  const node = {
    id,
    title: `The Track of Number ${index}`,
    creator: `Creator ${index % 7}`,
    categories: ['ambient', `category-${index % 5}`],
    available: true,
    createdAt: INSTANT,
    attributes: null,
  }
  return {
    cursor: `cursor-${index}`,
    itemId: id,
    node,
    rank: index + 1,
    score: 1 / (index + 2),
    source: index % 3 === 0 ? 'popular' : 'model',
    propensity: null,
    reason:
      index % 3 === 0
        ? { kind: 'POPULAR', item: null, text: 'Popular with everyone' }
        : { kind: 'BECAUSE_OF_ITEM', item: node, text: `Because you chose “${node.title}”` },
  }
}

function exposures(unit: string) {
  return ['home-mix', 'home-length'].map((experimentKey) => ({
    experimentKey,
    variantKey: 'treatment',
    unit,
    applied: true,
    status: 'PENDING',
    snapshotVersion: 42,
    occurredAt: null,
    recordedAt: null,
  }))
}

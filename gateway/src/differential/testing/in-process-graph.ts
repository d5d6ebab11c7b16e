import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { isRecord } from '@bulkhead/service/json'
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  isAbstractType,
  isObjectType,
  parse,
  validate,
} from 'graphql'
import { buildSupergraph, type Supergraph } from '../../supergraph/supergraph.ts'
import { type EntityType, findEntity, readEntityTypes, viewOf } from './entity-references.ts'
import { type ExecutedWorld, resolveWithFaults, type World } from './faults.ts'
import type { DataObject, TestGraph } from './graphs/graph.ts'

/** A request as it is posted to a subgraph. */
export type SubgraphQuery = {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** A composed graph whose subgraphs answer in this process. */
export type InProcessGraph = {
  readonly name: string
  readonly supergraph: Supergraph
  /** What the subgraph would answer with, as it is after parsing. */
  ask(subgraph: string, query: SubgraphQuery, world: World): Promise<ExecutionResult>
  /** One execution over the schema that clients see, without federation. */
  executeMerged(
    document: DocumentNode,
    variables: Readonly<Record<string, unknown>>,
    world: World,
  ): Promise<ExecutionResult>
}

export function composeGraph(graph: TestGraph): InProcessGraph {
  const documents = Object.entries(graph.subgraphs).map(([name, sdl]) => ({ name, typeDefs: parse(sdl) }))
  const composed = composeServices(documents)
  if (composed.errors) {
    throw new Error(
      `${graph.name} does not compose: ${composed.errors.map(({ message }) => message).join('\n')}`,
    )
  }
  const supergraph = buildSupergraph(composed.supergraphSdl)
  const subgraphs = new Map(
    documents.map(({ name, typeDefs }) => [name, createSubgraph(name, typeDefs, supergraph.fullSchema)]),
  )
  return {
    name: graph.name,
    supergraph,
    async ask(name, query, world) {
      const subgraph = subgraphs.get(name)
      if (!subgraph) throw new Error(`no subgraph ${name}`)
      return subgraph(query, world)
    },
    executeMerged: (document, variables, world) =>
      run(supergraph.schema, document, variables, { ...world, merged: true }),
  }
}

function createSubgraph(
  name: string,
  typeDefs: DocumentNode,
  fullSchema: GraphQLSchema,
): (query: SubgraphQuery, world: World) => Promise<ExecutionResult> {
  const entityTypes = readEntityTypes(typeDefs)
  const resolvers = Object.fromEntries(
    [...entityTypes].map(([typename, type]) => [
      typename,
      {
        __resolveReference(representation: { __typename: string }, { data }: World) {
          return resolveReference(representation, type, data.entities, fullSchema)
        },
      },
    ]),
  )
  const schema = buildSubgraphSchema([{ typeDefs, resolvers }])
  const documents = new Map<string, DocumentNode>()
  return ({ query, variables = {} }, world) => {
    let document = documents.get(query)
    if (!document) {
      document = parse(query)
      const [mistake] = validate(schema, document)
      if (mistake) throw new Error(`${name} was sent an invalid query: ${mistake.message}\n${query}`)
      documents.set(query, document)
    }
    return run(schema, document, variables, { ...world, merged: false })
  }
}

function resolveReference(
  representation: { readonly __typename: string },
  type: EntityType,
  entities: readonly DataObject[],
  schema: GraphQLSchema,
): object | null {
  const wanted = schema.getType(representation.__typename)
  const candidates = entities.filter(({ __typename }) => {
    const actual = schema.getType(__typename)
    return (
      actual === wanted ||
      (isAbstractType(wanted) && isObjectType(actual) && schema.isSubType(wanted, actual))
    )
  })
  const entity = findEntity(representation, type, candidates)
  return entity && viewOf(entity, representation, type)
}

async function run(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
  world: ExecutedWorld,
): Promise<ExecutionResult> {
  const isMutation = getOperationAST(document)?.operation === 'mutation'
  const result = await execute({
    schema,
    document,
    rootValue: isMutation ? world.data.mutation : world.data.query,
    contextValue: world,
    variableValues: variables,
    fieldResolver: resolveWithFaults,
  })
  // As over the network: plain objects that share nothing with the data.
  const answer: unknown = JSON.parse(JSON.stringify(result))
  if (!isRecord(answer)) throw new Error('no answer')
  return answer
}

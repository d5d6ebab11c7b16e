import { parentPort, workerData } from 'node:worker_threads'
import { Kind, parse } from 'graphql'
import type { Subgraph } from '../model/graph.ts'
import { graphqlSource } from '../model/source.ts'
import { composeText } from './compose-graph.ts'

/** What `compose-beside.ts` hands over. Documents are parsed here again, which is faster than copying them. */
export type ThreadSubgraph = Omit<Subgraph, 'document'>

const subgraphs = (workerData as readonly ThreadSubgraph[]).map((subgraph) => {
  const definitions = subgraph.files.flatMap((file) => parse(graphqlSource(file)).definitions)
  return { ...subgraph, document: { kind: Kind.DOCUMENT, definitions } } as const
})
parentPort?.postMessage(composeText(subgraphs, { isTrusted: true }))

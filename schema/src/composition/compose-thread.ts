import { parentPort, workerData } from 'node:worker_threads'
import { Kind, parse } from 'graphql'
import type { Subgraph } from '../model/graph.ts'
import { graphqlSource } from '../model/source.ts'
import { composeText, proveText } from './compose-graph.ts'

/** What `compose-both.ts` asks of a thread. Documents are parsed here again, which is faster than copying them. */
export type ThreadTask =
  | { readonly type: 'compose'; readonly subgraphs: readonly Omit<Subgraph, 'document'>[] }
  | { readonly type: 'prove'; readonly supergraphSdl: string }

function run(task: ThreadTask) {
  if (task.type === 'prove') return proveText(task.supergraphSdl)
  const subgraphs = task.subgraphs.map((subgraph) => {
    const definitions = subgraph.files.flatMap((file) => parse(graphqlSource(file)).definitions)
    return { ...subgraph, document: { kind: Kind.DOCUMENT, definitions } } as const
  })
  return composeText(subgraphs, { isTrusted: true })
}

parentPort?.postMessage(run(workerData))

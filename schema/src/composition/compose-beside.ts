import { Worker } from 'node:worker_threads'
import type { Subgraph } from '../model/graph.ts'
import { type ComposedText, type Composition, composeGraph, compositionOf } from './compose-graph.ts'
import type { ThreadSubgraph } from './compose-thread.ts'

/** In characters of SDL. A thread takes a quarter of a second to start, in which a smaller graph is composed. */
const LARGE_GRAPH = 300_000

/** Composes a base, a large one on a thread of its own: meanwhile this one composes the head. */
export async function composeBeside(name: string, subgraphs: readonly Subgraph[]): Promise<Composition> {
  const size = subgraphs.flatMap(({ files }) => files).reduce((sum, { text }) => sum + text.length, 0)
  if (size < LARGE_GRAPH) return composeGraph(name, subgraphs, { isTrusted: true })
  return compositionOf(name, subgraphs, await composeOnThread(subgraphs))
}

function composeOnThread(subgraphs: readonly Subgraph[]): Promise<ComposedText> {
  const workerData: readonly ThreadSubgraph[] = subgraphs.map(({ name, routingUrl, files }) => {
    return { name, routingUrl, files }
  })
  const module = new URL('./compose-thread.ts', import.meta.url)
  return new Promise((resolve, reject) => {
    const thread = new Worker(module, { workerData })
    thread.once('message', (composed: ComposedText) => {
      resolve(composed)
      void thread.terminate()
    })
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`the thread that composes the base ended with ${code}`)))
  })
}

import { Worker } from 'node:worker_threads'
import type { Finding } from '../model/finding.ts'
import type { Subgraph } from '../model/graph.ts'
import {
  type ComposedText,
  type Composition,
  composeGraph,
  composeText,
  compositionOf,
} from './compose-graph.ts'
import type { ThreadTask } from './compose-thread.ts'

/** In characters of SDL of both. A thread takes a quarter of a second to start, in which smaller graphs are composed. */
const LARGE_GRAPHS = 600_000

type Named = { readonly name: string; readonly subgraphs: readonly Subgraph[] }

type BothCompositions = {
  readonly base: Composition
  readonly head: Composition
  /**
   * What the proof that every query can be planned adds to the head's findings: nothing, as a rule. Where one is an ERROR,
   * the head does not compose after all. Of a large graph it goes on while the head is looked at.
   */
  readonly proof: Promise<readonly Finding[]>
}

/** Composes a base and a head, large ones on two threads. */
export async function composeBoth(base: Named, head: Named): Promise<BothCompositions> {
  const files = [...base.subgraphs, ...head.subgraphs].flatMap((subgraph) => subgraph.files)
  if (files.reduce((sum, { text }) => sum + text.length, 0) >= LARGE_GRAPHS) return composeOnTwo(base, head)
  return {
    base: composeGraph(base.name, base.subgraphs, { isTrusted: true }),
    head: composeGraph(head.name, head.subgraphs),
    proof: Promise.resolve([]),
  }
}

async function composeOnTwo(base: Named, head: Named): Promise<BothCompositions> {
  const sources = base.subgraphs.map(({ name, routingUrl, files }) => ({ name, routingUrl, files }))
  const composing = runThread<ComposedText>({ type: 'compose', subgraphs: sources })
  const headText = composeText(head.subgraphs, { isTrusted: true })
  const headComposition = compositionOf(head.name, head.subgraphs, headText)
  const baseText = await composing
  // A thread of its own, so that the memory of the one before is free again.
  const isProved = headText.type === 'composed' && baseText.type === 'composed'
  const proof = isProved
    ? runThread<readonly Finding[]>({ type: 'prove', supergraphSdl: headText.supergraphSdl })
    : Promise.resolve([])
  return { base: compositionOf(base.name, base.subgraphs, baseText), head: headComposition, proof }
}

function runThread<Answer>(task: ThreadTask): Promise<Answer> {
  const thread = new Worker(new URL('./compose-thread.ts', import.meta.url), { workerData: task })
  return new Promise((resolve, reject) => {
    thread.once('message', (answer: Answer) => resolve(answer))
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('a thread that composes ended without an answer')))
  })
}

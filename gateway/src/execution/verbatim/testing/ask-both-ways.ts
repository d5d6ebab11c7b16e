/** Asks a graph whose subgraphs answer with these texts: with answers taken as they come, and with all of them parsed. */
import { systemClock } from '@bulkhead/service/clock'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect } from 'vitest'
import { type PreparedOperation, prepareOperation } from '../../../operations/prepare-operation.ts'
import { createSubgraphFetch, type SubgraphFetch } from '../../../subgraphs/fetch-subgraph.ts'
import { createSubgraphMetrics } from '../../../subgraphs/subgraph-metrics.ts'
import { readOutcome } from '../../../subgraphs/subgraph-response.ts'
import { buildSupergraph } from '../../../supergraph/supergraph.ts'
import { composeSample } from '../../../testing/compose-sample.ts'
import type { CompiledOperation } from '../../compile-operation.ts'
import { executeOperation } from '../../execute-operation.ts'

const OBSERVED = {
  log: captureLog().log,
  metrics: createSubgraphMetrics(createMetrics({ service: 'test' })),
}

/** By subgraph, what it answers a request with this body. */
export type Answers = Readonly<Record<string, (body: string) => string | Buffer | Promise<string | Buffer>>>

/** Each answer is written over once it has been read, as the connection that it came on does it. */
function fetchOf(
  answers: Answers,
  parsed: boolean,
): { readonly fetch: SubgraphFetch; readonly sent: string[] } {
  const sent: string[] = []
  const client = (subgraph: string) => ({
    async fetch({ body, take }: Parameters<SubgraphFetch>[0]) {
      sent.push(`${subgraph} ${JSON.stringify(JSON.parse(body).variables.representations ?? null)}`)
      const bytes = Buffer.from(await (answers[subgraph]?.(body) ?? ''))
      const result = { type: 'response', status: 200, mediaType: 'application/json', body: bytes } as const
      const outcome = readOutcome(result, parsed ? null : take)
      bytes.fill('!')
      return outcome
    },
    close: async () => undefined,
  })
  // Its client is of one request: the type has no `subgraph`.
  const clientOf = client as Parameters<typeof createSubgraphFetch>[0]['clientOf']
  return { sent, fetch: createSubgraphFetch({ clientOf, clock: systemClock, ...OBSERVED }) }
}

/** @param subgraphs their SDL, by name */
export function sampleOf(subgraphs: Readonly<Record<string, string>>) {
  const graph = buildSupergraph(composeSample(subgraphs))
  const operations = new Map<string, PreparedOperation>()

  function prepared(query: string): PreparedOperation {
    const known = operations.get(query)
    if (known) return known
    const operation = prepareOperation(graph, { query, operationName: undefined, acceptsParts: false })
    if (!('compiledFor' in operation)) throw operation[0]
    operations.set(query, operation)
    // They are taken as they come when an operation is asked again.
    operation.compiledFor({}, () => true).prepareVerbatim()
    return operation
  }

  const compiled = (query: string) => prepared(query).compiledFor({}, () => true)

  async function ask(query: string, answers: Answers, { parsed = false, change = unchanged } = {}) {
    const { fetch, sent } = fetchOf(answers, parsed)
    const { initial, verbatim } = await executeOperation(change(compiled(query)), {
      variables: {},
      coercedVariables: {},
      fetch,
      deadlines: { rootMs: 5_000, entityMs: 5_000, deferredMs: 5_000 },
      requestId: 'request-0001',
      caller: null,
      cancellation: null,
    })
    const text = verbatim?.toString() ?? null
    return { text, sent, ...(text === null ? initial : { data: JSON.parse(text).data, errors: [] }) }
  }

  return {
    ask,
    /** Whether answers to this query can be taken as they come. */
    canTake: (query: string) => compiled(query).verbatim() !== null,
    /** Both ways, which must give the same. `text` is the answer that was put together, null where it was not. */
    async askBothWays(query: string, answers: Answers) {
      const asItCame = await ask(query, answers)
      const parsed = await ask(query, answers, { parsed: true })
      expect(parsed.text).toBeNull()
      expect(JSON.stringify(asItCame.data)).toBe(JSON.stringify(parsed.data))
      expect(asItCame.errors).toEqual(parsed.errors)
      return { ...asItCame, sentIfParsed: parsed.sent }
    },
  }
}

function unchanged(operation: CompiledOperation): CompiledOperation {
  return operation
}

/** So many turns of the event loop later. */
export async function later(turns: number, answer: string): Promise<string> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
  return answer
}

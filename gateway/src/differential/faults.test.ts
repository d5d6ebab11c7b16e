import { describe, expect, test } from 'vitest'
import { canonicalJson } from './testing/canonical-json.ts'
import { OPERATIONS, SEED, TIMEOUT_MS } from './testing/differential-settings.ts'
import { createFetch, executeOurs } from './testing/execute-graph.ts'
import { createFaults, type Faults, fieldsForPlans, hash } from './testing/faults.ts'
import { ALL_GRAPHS } from './testing/graphs/all-graphs.ts'
import { context } from './testing/graphs/context.ts'
import type { TestGraph } from './testing/graphs/graph.ts'
import { media } from './testing/graphs/media.ts'
import {
  type Case,
  compareExecutions,
  createTally,
  generateCases,
  unequal,
} from './testing/run-differential.ts'
import { explainDifference } from './testing/stock-differences.ts'
import { executeStock } from './testing/stock-gateway.ts'

/** A fifth of the operations of the tests without faults. */
const PER_GRAPH = Math.ceil(OPERATIONS / 5 / ALL_GRAPHS.length)
const GRAPHS = ALL_GRAPHS.map((graph) => [graph.name, graph] as const)
/** The stock executor knows no context arguments: with faults there is nothing to compare. */
const STOCK_GRAPHS = GRAPHS.filter(([, graph]) => graph !== context)

/**
 * Fields throw, or are null whatever their type allows. Those that plans need do neither: what is computed from an
 * unknown key or a required field that failed is not the same in one execution.
 */
function faultsOfFields(graph: TestGraph, seed: number): Faults {
  const spared = fieldsForPlans(graph)
  return createFaults({ seed, share: 0.08, mayFail: (field) => !field.startsWith('_') && !spared.has(field) })
}

/** Any field may fail, keys and required fields too. */
function faultsOfAllFields(_: TestGraph, seed: number): Faults {
  return createFaults({ seed, share: 0.08, mayFail: (field) => !field.startsWith('_') })
}

describe(`with faults (seed ${SEED})`, () => {
  test.each(GRAPHS)(
    'fields that fail leave the nulls and errors of one execution: %s',
    async (_, graph) => {
      const tally = createTally()
      for (const each of generateCases(graph, { seed: SEED, count: PER_GRAPH, faultsOf: faultsOfFields })) {
        await compareExecutions(each, tally)
      }
      expect(tally.withErrors).toBeGreaterThan(PER_GRAPH / 20)
    },
    TIMEOUT_MS,
  )

  test.each(STOCK_GRAPHS)(
    'keys and required fields that fail leave the data of the stock executor: %s',
    async (_, graph) => {
      let withErrors = 0
      for (const each of generateCases(graph, {
        seed: SEED,
        count: PER_GRAPH,
        faultsOf: faultsOfAllFields,
      })) {
        const { initial: ours } = await executeOurs(
          each.prepared,
          createFetch(each.graph, each.createWorld()),
        )
        if (ours.errors.length > 0) withErrors += 1
        await expectStockData(each, ours, each.graph)
      }
      expect(withErrors).toBeGreaterThan(PER_GRAPH / 6)
    },
    TIMEOUT_MS,
  )

  test.each(STOCK_GRAPHS)(
    'fetches that fail leave the data of the stock executor, and an error at each null: %s',
    async (_, graph) => {
      let withErrors = 0
      // Where the fetch of what an interface object's field requires failed, the planner still asks its subgraph, by key alone.
      const codes = graph === media ? /^(SUBGRAPH_UNAVAILABLE|INTERNAL)$/ : /^SUBGRAPH_UNAVAILABLE$/
      for (const each of generateCases(graph, { seed: SEED, count: PER_GRAPH })) {
        const fails = (subgraph: string, query: string) => hash(`${each.seed} ${subgraph} ${query}`) % 10 < 4
        const answer = createFetch(each.graph, each.createWorld())
        const failure = { code: 'SUBGRAPH_UNAVAILABLE', message: 'down', retryable: true }
        const { initial: ours } = await executeOurs(each.prepared, async (request) =>
          fails(request.subgraph, JSON.parse(request.body).query)
            ? { data: null, errors: [], failure }
            : answer(request),
        )
        const failing = {
          ...each.graph,
          async ask(...[subgraph, query, world]: Parameters<typeof each.graph.ask>) {
            if (fails(subgraph, query.query)) throw new Error('down')
            return each.graph.ask(subgraph, query, world)
          },
        }
        await expectStockData(each, ours, failing)
        if (ours.errors.length === 0) continue
        withErrors += 1
        // The stock executor's errors of failed fetches have neither path nor subgraph.
        for (const error of ours.errors) {
          expect(error).toMatchObject({
            path: expect.any(Array),
            extensions: { code: expect.stringMatching(codes), subgraph: expect.any(String) },
          })
        }
      }
      expect(withErrors).toBeGreaterThan(PER_GRAPH / 4)
    },
    TIMEOUT_MS,
  )
})

async function expectStockData(each: Case, ours: { data: unknown }, graph: Case['graph']): Promise<void> {
  const stock = await executeStock(graph, each.prepared, each.createWorld())
  if (canonicalJson(stock.data) === canonicalJson(ours.data)) return
  const reason = await explainDifference(graph, each.operation, each.prepared, each.createWorld)
  if (!reason) throw unequal(each, "stock executor's data", ours, stock)
}

import { describe, expect, test } from 'vitest'
import { OPERATIONS, SEED, TIMEOUT_MS } from './testing/differential-settings.ts'
import { ALL_GRAPHS } from './testing/graphs/all-graphs.ts'
import { createRandomGraph } from './testing/graphs/random-graph.ts'
import { compareExecutions, createTally, generateCases, type Tally } from './testing/run-differential.ts'

const RANDOM_GRAPHS = Math.max(20, Math.round(OPERATIONS / 250))
/** Half of the operations for the graphs that were written, half for the random ones. */
const PER_GRAPH = Math.ceil(OPERATIONS / 2 / ALL_GRAPHS.length)
const PER_RANDOM_GRAPH = Math.ceil(OPERATIONS / 2 / RANDOM_GRAPHS)
/** A long run takes as long as it takes. */

const total = createTally()

async function compareAll(
  graph: Parameters<typeof generateCases>[0],
  seed: number,
  count: number,
): Promise<Tally> {
  const tally = createTally()
  for (const each of generateCases(graph, { seed, count })) await compareExecutions(each, tally)
  for (const key of ['operations', 'federated', 'withErrors', 'verbatim'] as const) total[key] += tally[key]
  return tally
}

describe(`the gateway's data are those of one execution over the merged schema, and the stock executor's (seed ${SEED})`, () => {
  test.each(ALL_GRAPHS.map((graph) => [graph.name, graph] as const))(
    '%s',
    async (name, graph) => {
      const tally = await compareAll(graph, SEED, PER_GRAPH)
      expect(tally.operations).toBe(PER_GRAPH)
      expect(tally.withErrors).toBe(0)
      expect(tally.federated).toBeGreaterThan(PER_GRAPH / 5)
      // Each known defect of the stock executor shows in few operations, and only where its feature is in the graph.
      const {
        'nested-condition': nested,
        'interface-object-name': names,
        'context-arguments': context,
      } = tally.stockDifferences
      expect(nested).toBeLessThanOrEqual(PER_GRAPH / 20)
      expect(names).toBeLessThanOrEqual(name === 'media' ? PER_GRAPH / 10 : 0)
      if (name === 'context') expect(context).toBeGreaterThan(0)
      else expect(context).toBe(0)
    },
    TIMEOUT_MS,
  )

  test(
    `${RANDOM_GRAPHS} random graphs`,
    async () => {
      for (let number = 0; number < RANDOM_GRAPHS; number += 1) {
        const seed = SEED * 1_000 + number
        const tally = await compareAll(createRandomGraph(seed), seed * 1_000, PER_RANDOM_GRAPH)
        expect(tally.withErrors).toBe(0)
        expect(tally.stockDifferences).toEqual({
          'list-of-lists': expect.any(Number),
          'nested-condition': expect.any(Number),
          'interface-object-name': 0,
          'context-arguments': 0,
        })
      }
    },
    TIMEOUT_MS,
  )

  test('these were all the operations that were asked for', () => {
    expect(total.operations).toBeGreaterThanOrEqual(OPERATIONS)
    expect(total.federated).toBeGreaterThan(OPERATIONS / 4)
    expect(total.verbatim).toBeGreaterThan(OPERATIONS / 4)
  })
})

import { env } from 'node:process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PositionedEvent } from '../datastore/port.ts'
import { openReadModel } from './duckdb-read-model.ts'
import type { ReadModel, Sums } from './port.ts'
import { caseArbitrary } from './testing/arbitraries.ts'
import { referenceSums } from './testing/reference.ts'
import { sumsOutcome } from './testing/sums-outcome.ts'

/** 2,000 and more for a soak. */
const RUNS = Number(env.READ_MODEL_RUNS ?? 100)

const TIMEOUT = 60_000 + RUNS * 500

async function withModel<T>(
  log: readonly PositionedEvent[],
  pageSize: number,
  work: (model: ReadModel) => Promise<T>,
): Promise<T> {
  const model = await openReadModel(':memory:')
  try {
    await feedInPages(model, log, pageSize)
    return await work(model)
  } finally {
    await model.close()
  }
}

async function feedInPages(model: ReadModel, log: readonly PositionedEvent[], size: number): Promise<void> {
  let after = 0
  for (let start = 0; start < log.length; start += size) {
    const events = log.slice(start, start + size)
    const through = events.at(-1)?.position ?? after
    await model.feed({ after, through, events })
    after = through
  }
}

/** A failing case is made smaller for as long as there is time to tell it. */
const LIMITS = { interruptAfterTimeLimit: TIMEOUT - 10_000, markInterruptAsFailure: true }

test(
  'the sums of any events are those of a reference in plain TypeScript, to the digit',
  async () => {
    await fc.assert(
      fc.asyncProperty(caseArbitrary, async ({ log, query, pageSize }) => {
        const sums = await withModel(log, pageSize, (model) => sumsOutcome(() => model.sums(query)))
        expect(sums).toEqual(await sumsOutcome(() => referenceSums(log, query)))
      }),
      { ...LIMITS, numRuns: RUNS },
    )
  },
  TIMEOUT,
)

test(
  'what is ingested after `asOf` changes nothing, nor do the pages in which events came',
  async () => {
    await fc.assert(
      fc.asyncProperty(caseArbitrary, async ({ log, query, pageSize }) => {
        const known = log.filter(({ position }) => position <= query.asOf)
        const alone = await withModel(known, known.length + 1, async (model) => {
          const after = await model.through()
          await model.feed({ after, through: Math.max(after, query.asOf), events: [] })
          return await sumsOutcome(() => model.sums(query))
        })
        expect(await withModel(log, pageSize, (model) => sumsOutcome(() => model.sums(query)))).toEqual(alone)
      }),
      { ...LIMITS, numRuns: Math.ceil(RUNS / 4) },
    )
  },
  TIMEOUT,
)

test('the cases above have everything that there is to be wrong about', async () => {
  const cases = fc.sample(caseArbitrary, { numRuns: 400, seed: 1 })
  const outcomes = await Promise.all(
    cases.map(({ log, query }) => sumsOutcome(() => referenceSums(log, query))),
  )
  const sums = outcomes.filter((one) => typeof one !== 'string')
  const share = (has: (one: Omit<Sums, 'sql'>) => unknown) => sums.filter(has).length / outcomes.length
  expect(outcomes.length - sums.length).toBeGreaterThan(5)
  expect(share(({ units }) => units.length > 1)).toBeGreaterThan(0.4)
  expect(share(({ units }) => units.some(({ degraded }) => degraded > 0n))).toBeGreaterThan(0.02)
  expect(share(({ units }) => units.some(({ segment }) => segment !== null))).toBeGreaterThan(0.1)
  expect(share(({ multiple, servedMultiple }) => multiple * servedMultiple > 0n)).toBeGreaterThan(0)
  expect(share(({ forced, excluded }) => forced.length * excluded.length > 0)).toBeGreaterThan(0.02)
  expect(share(({ served }) => served.length > 1)).toBeGreaterThan(0.2)
  expect(share(({ arrived }) => arrived.length > 2)).toBeGreaterThan(0.2)
  expect(share(({ completed }) => completed.some(({ units }) => units > 0n))).toBeGreaterThan(0.1)
  expect(share(({ completed }) => completed.some(({ units }) => units < 0n))).toBeGreaterThan(0.002)
  expect(share(({ omitted }) => omitted.values > 1)).toBeGreaterThan(0.02)
  expect(share(({ metrics }) => metrics.some(({ covariate }) => covariate?.cross))).toBeGreaterThan(0.1)
  expect(share(({ metrics }) => metrics.some((one) => one.covariateDenominator?.cross))).toBeGreaterThan(0.03)
  expect(share(({ quantiles }) => quantiles.some(({ values }) => values.length > 2))).toBeGreaterThan(0.005)
})

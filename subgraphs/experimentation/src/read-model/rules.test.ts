import type { ExposureEvent, InteractionEvent, ServedEvent } from '@bulkhead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toStoredEvent } from '../domain/stored-event.ts'
import { sampleMetric } from '../testing/sample-metrics.ts'
import {
  DAY,
  HOUR,
  MONDAY,
  NOON,
  sampleExposure,
  sampleInteraction,
  sampleServed,
} from '../testing/samples.ts'
import { openReadModel } from './duckdb-read-model.ts'
import type { ReadModel, Sums, SumsQuery } from './port.ts'
import { sampleSumsQuery } from './testing/sample-queries.ts'

/** What the sums are, in numbers that were worked out by hand. */

type Times = { readonly at?: number; readonly recordedAt?: number }
type Sent = { readonly event: ReturnType<typeof toStoredEvent>; readonly recordedAt: number }

let model: ReadModel
/** All tests share one model; each has an experiment, and units, of its own. */
let experimentKey = ''
let count = 0

beforeAll(async () => {
  model = await openReadModel(':memory:')
})
afterAll(() => model.close())

function sent(event: Parameters<typeof toStoredEvent>[0], recordedAt = MONDAY + 30 * DAY): Sent {
  return { event: toStoredEvent(event), recordedAt }
}

function own(unit: string): string {
  return `${unit} of ${count}`
}

function instant(at: number): string {
  return new Date(at).toISOString()
}

function exposed(
  unit: string,
  { at = NOON, recordedAt, ...rest }: Partial<ExposureEvent> & Times = {},
): Sent {
  const event = sampleExposure({
    experimentKey: `e${count}`,
    unit: own(unit),
    occurredAt: instant(at),
    ...rest,
  })
  return sent(event, recordedAt)
}

function served(unit: string, { at = NOON, recordedAt, ...rest }: Partial<ServedEvent> & Times = {}): Sent {
  const event = sampleServed({
    experimentKey: `e${count}`,
    unit: own(unit),
    occurredAt: instant(at),
    ...rest,
  })
  return sent(event, recordedAt)
}

function played(unit: string, { at = NOON, ...rest }: Partial<InteractionEvent> & Times = {}): Sent {
  return sent(sampleInteraction({ type: 'PLAY', unit: own(unit), occurredAt: instant(at), ...rest }))
}

async function sumsOf(events: () => readonly Sent[], query: Partial<SumsQuery> = {}): Promise<Sums> {
  count += 1
  experimentKey = `e${count}`
  const after = await model.through()
  const page = events().map((event, index) => ({ ...event, producer: 'p', position: after + index + 1 }))
  await model.feed({ after, through: after + page.length, events: page })
  return await model.sums(
    sampleSumsQuery({ experimentKey, asOf: after + page.length, metrics: [], ...query }),
  )
}

/** `variant: units` by day, counted from Monday. */
function unitsOf({ units }: Sums): string[] {
  return units.map(({ variantKey, day, units: n }) => `${variantKey} ${(day - MONDAY) / DAY}: ${n}`)
}

describe('units', () => {
  const hour = { from: NOON, to: NOON + HOUR }
  test.each<[string, Partial<ExposureEvent> & Times, string[]]>([
    ['at the start of an interval counts', { at: NOON }, ['control 0: 1']],
    ['just before an interval does not', { at: NOON - 1 }, []],
    ['just before its end counts', { at: NOON + HOUR - 1 }, ['control 0: 1']],
    ['at its end does not', { at: NOON + HOUR }, []],
    ['of another version does not', { experimentVersion: 2 }, []],
    ['of another experiment does not', { experimentKey: 'other' }, []],
    ['of a variant that is not asked for does not', { variantKey: 'gone' }, []],
    ['that is forced does not', { forced: true }, []],
    [
      'that claims to be later than its arrival counts at its arrival',
      { at: NOON + 5 * HOUR, recordedAt: NOON },
      ['control 0: 1'],
    ],
    ['from before the interval that arrives in it does not', { at: NOON - 1, recordedAt: NOON }, []],
  ])('an exposure %s', async (_, exposure, expected) => {
    expect(unitsOf(await sumsOf(() => [exposed('u', exposure)], { intervals: [hour] }))).toEqual(expected)
  })

  test.each([
    [NOON - 1, []],
    [NOON, []],
    [NOON + 1, ['control 0: 1']],
  ])('a cutoff at %i, with an exposure at noon', async (cutoff, expected) => {
    expect(unitsOf(await sumsOf(() => [exposed('u')], { cutoff }))).toEqual(expected)
  })

  test('count on the day of their first exposure, in whatever order the exposures came', async () => {
    const sums = await sumsOf(() => [
      exposed('u', { at: NOON + DAY }),
      exposed('u', { at: NOON }),
      exposed('v', { at: MONDAY + DAY, variantKey: 'treatment' }),
      exposed('w', { at: MONDAY + DAY - 1, variantKey: 'treatment' }),
    ])
    expect(unitsOf(sums)).toEqual(['control 0: 1', 'treatment 0: 1', 'treatment 1: 1'])
  })

  test('of two exposures at one instant the one that was ingested first tells segment and degradation', async () => {
    const first = { attributes: { country: 'de' }, applied: false }
    const sums = await sumsOf(() => [exposed('u', first), exposed('u', { attributes: { country: 'fr' } })], {
      segment: 'country',
    })
    expect(sums.units).toMatchObject([{ segment: 'de', units: 1n, degraded: 1n }])
  })

  test('in two variants are left out and counted', async () => {
    const both = (unit: string) => [exposed(unit), exposed(unit, { variantKey: 'treatment' })]
    const sums = await sumsOf(() => [...both('u'), ...both('v'), exposed('w')])
    expect(unitsOf(sums)).toEqual(['control 0: 1'])
    expect(sums.multiple).toBe(2n)
  })

  test('that were forced once, even before the start, are left out of everything', async () => {
    const sums = await sumsOf(
      () => [
        exposed('u', { forced: true, at: NOON - DAY, variantKey: 'treatment' }),
        exposed('u'),
        served('u'),
        exposed('v', { variantKey: 'treatment' }),
        served('v', { variantKey: 'treatment' }),
      ],
      { intervals: [hour] },
    )
    expect(unitsOf(sums)).toEqual(['treatment 0: 1'])
    expect(sums.served).toEqual([{ variantKey: 'treatment', day: MONDAY, units: 1n }])
    expect(sums.forced).toEqual([{ variantKey: 'treatment', units: 1n }])
  })

  test('on an exclusion list are left out and counted', async () => {
    const sums = await sumsOf(() => [exposed('u'), served('u'), exposed('v')], {
      excludedUnits: [`u of ${count + 1}`],
    })
    expect(unitsOf(sums)).toEqual(['control 0: 1'])
    expect(sums.served).toEqual([])
    expect(sums.excluded).toEqual([{ variantKey: 'control', units: 1n }])
  })

  test('that were served on several days count on the first one', async () => {
    const sums = await sumsOf(() => [
      served('u', { at: NOON + DAY }),
      served('u', { at: NOON }),
      served('v', { at: NOON + DAY, variantKey: 'treatment' }),
    ])
    expect(sums.served).toEqual([
      { variantKey: 'control', day: MONDAY, units: 1n },
      { variantKey: 'treatment', day: MONDAY + DAY, units: 1n },
    ])
  })
})

describe('values', () => {
  const all = (unit: string) => [
    played(unit, { at: NOON - HOUR, value: 7 }),
    played(unit, { at: NOON - 1, value: 0.5 }),
    played(unit, { at: NOON, value: 1.25 }),
    played(unit, { at: NOON + HOUR - 1, value: null }),
    played(unit, { at: NOON + HOUR, value: 100 }),
    played(unit, { at: NOON, type: 'CLICK', attributes: { category: 'jazz' } }),
  ]

  test.each([
    ['PROPORTION', 1_000_000n, 1_000_000n],
    ['COUNT', 2_000_000n, 2_000_000n],
    ['MEAN', 1_250_000n, 7_500_000n],
  ] as const)(
    'a %s is over [first, first + window), its covariate over what came before',
    async (kind, value, covariate) => {
      const { metrics } = await sumsOf(() => [exposed('u'), ...all('u')], {
        metrics: [sampleMetric({ kind, windowHours: 1 })],
        covariateWindowMs: HOUR,
      })
      expect(metrics).toMatchObject([
        {
          n: 1n,
          complete: true,
          sum: value,
          sumSquares: value * value,
          covariate: { sum: covariate, sumSquares: covariate * covariate, cross: value * covariate },
          denominator: null,
        },
      ])
    },
  )

  test('a ratio counts events without a value as 1, and filters its numerator only', async () => {
    const { metrics } = await sumsOf(
      () => [exposed('u'), ...all('u'), played('u', { type: 'CLICK', value: 3 })],
      {
        metrics: [
          sampleMetric({ kind: 'RATIO', windowHours: 1, denominatorEvent: 'CLICK' }),
          sampleMetric({
            kind: 'RATIO',
            windowHours: 1,
            event: 'CLICK',
            denominatorEvent: 'CLICK',
            filter: { category: 'jazz' },
          }),
        ],
      },
    )
    expect(metrics).toMatchObject([
      { sum: 2_250_000n, denominator: { sum: 4_000_000n, cross: 9_000_000_000_000n } },
      { sum: 1_000_000n, denominator: { sum: 4_000_000n, cross: 4_000_000_000_000n } },
    ])
  })

  test('what occurred at the cutoff does not count, and a window that ends there is complete', async () => {
    const events = () => [
      exposed('u'),
      exposed('v', { at: NOON + 1 }),
      played('u', { at: NOON + HOUR - 1 }),
      played('v', { at: NOON + HOUR }),
    ]
    const { metrics } = await sumsOf(events, {
      metrics: [sampleMetric({ windowHours: 1 })],
      cutoff: NOON + HOUR,
    })
    expect(metrics).toMatchObject([
      { complete: false, n: 1n, sum: 0n },
      { complete: true, n: 1n, sum: 1_000_000n },
    ])
  })

  test.each([
    [0.5, 4_000_000n],
    [0.500001, 6_000_000n],
    [0.75, 6_000_000n],
    [0.999999, 10_000_000n],
  ])('a cap at percentile %f is the nearest rank over all variants', async (capPercentile, sum) => {
    const plays = (unit: string, times: number) => Array.from({ length: times }, () => played(unit))
    const { metrics } = await sumsOf(
      () => [
        ...['u', 'v', 'w'].map((unit) => exposed(unit)),
        exposed('x', { variantKey: 'treatment' }),
        ...plays('u', 1),
        ...plays('v', 1),
        ...plays('w', 2),
        ...plays('x', 6),
      ],
      { metrics: [sampleMetric({ capPercentile })] },
    )
    expect(metrics.reduce((total, metric) => total + metric.sum, 0n)).toBe(sum)
  })

  test('a quantile has the distribution of the units’ sums, those without events included', async () => {
    const { quantiles, metrics } = await sumsOf(
      () => [
        ...['u', 'v', 'w', 'x'].map((unit) => exposed(unit)),
        played('v', { value: 2 }),
        played('w', { value: 2 }),
        played('x', { value: -0.5 }),
      ],
      { metrics: [sampleMetric({ kind: 'QUANTILE', quantile: 0.5 })] },
    )
    expect(metrics).toEqual([])
    expect(quantiles).toMatchObject([
      {
        variantKey: 'control',
        complete: true,
        values: [
          { value: -500_000n, n: 1n },
          { value: 0n, n: 1n },
          { value: 2_000_000n, n: 2n },
        ],
      },
    ])
  })

  test('segments are ordered by their bytes, and units without one come first', async () => {
    const countries = ['\u{1f3b5}', '\uff5a', 'de', null, 7]
    const { units } = await sumsOf(
      () => countries.map((country, index) => exposed(`u${index}`, { attributes: { country } })),
      { segment: 'country' },
    )
    expect(units.map(({ segment }) => segment)).toEqual([null, '7', 'de', '\uff5a', '\u{1f3b5}'])
  })
})

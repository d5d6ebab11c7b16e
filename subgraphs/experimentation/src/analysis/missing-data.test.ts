import { expect, test } from 'vitest'
import type { Deliveries } from '../domain/deliveries.ts'
import { missingData } from './missing-data.ts'

const HOUR = 3_600_000
const VARIANTS = [{ key: 'a' }, { key: 'b' }]

function served(count: number, hour = 0, variantKey = 'a') {
  return { variantKey, hour: hour * HOUR, count }
}

function arrived(exposures: number, hour = 0, variantKey = 'a') {
  return { variantKey, hour: hour * HOUR, exposures: BigInt(exposures) }
}

function check(
  due: ReturnType<typeof served>[],
  there: ReturnType<typeof arrived>[],
  {
    through = 10 * HOUR,
    cutoff = 10 * HOUR,
    ...rest
  }: Partial<Deliveries> & { readonly cutoff?: number } = {},
  impressions = 0,
) {
  const deliveries = { through, served: due, uncounted: 0, dropped: 0, ...rest }
  const events = Array.from({ length: impressions }, () => ({ variantKey: 'a', day: 0, units: 1n }))
  return missingData({ arrived: there, served: events }, VARIANTS, cutoff, deliveries)
}

test('one exposure in a hundred may be missing, and no more, of each variant', () => {
  expect(check([served(1_000), served(1_000, 0, 'b')], [arrived(990), arrived(1_000, 0, 'b')])).toMatchObject(
    {
      passed: true,
      pValue: null,
      observed: [990, 1_000],
      expected: [1_000, 1_000],
    },
  )
  const lost = check([served(10_000), served(1_000, 0, 'b')], [arrived(10_000), arrived(989, 0, 'b')])
  expect(lost.passed).toBe(false)
  expect(lost.detail).toMatch(/^11 of 1000 exposures of b are missing, 1\.100 %/)
})

test('only whole hours that every producer has delivered, before the cutoff, are compared', () => {
  const due = [served(100, 0), served(100, 1), served(100, 2)]
  const there = [arrived(100, 0), arrived(50, 1), arrived(7, 2)]
  expect(check(due, there, { through: 2 * HOUR - 2 })).toMatchObject({ passed: true, expected: [100, 0] })
  expect(check(due, there, { through: 2 * HOUR - 1 })).toMatchObject({ passed: false, observed: [150, 0] })
  expect(check(due, there, { cutoff: 2 * HOUR - 1 })).toMatchObject({ passed: true, expected: [100, 0] })
  expect(check(due, there, { through: null })).toMatchObject({ passed: true, expected: [] })
})

test('more than was told is no failure: a killed process takes its last counts with it', () => {
  expect(check([served(100)], [arrived(140)]).passed).toBe(true)
})

test('what arrived of an hour that nobody told of does not hide what is missing in another', () => {
  const found = check([served(100, 0), served(100, 2)], [arrived(100, 0), arrived(500, 1), arrived(90, 2)])
  expect(found).toMatchObject({ passed: false, observed: [190, 0], expected: [200, 0] })
  expect(check([served(100, 0), served(100, 1)], [arrived(150, 0), arrived(90, 1)]).passed).toBe(false)
})

test('a variant of which nothing has arrived is missing', () => {
  expect(check([served(50), served(50, 0, 'b')], [arrived(50)]).passed).toBe(false)
})

test('where exposures follow impressions there is nothing to compare with, but losses are told', () => {
  const found = check([served(100)], [arrived(20)], { dropped: 4, uncounted: 5 }, 1)
  expect(found).toMatchObject({ passed: true, observed: [] })
  expect(found.detail).toBe(
    'exposures follow impressions, which nobody has counted; 4 events given up and 5 not counted by producers, of all experiments',
  )
})

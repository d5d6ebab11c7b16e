import { afterAll, beforeAll, expect, test } from 'vitest'
import { MAX_WAITING } from '../services/planning/power-thread.ts'
import { DAY, NOON } from '../testing/samples.ts'
import { errorCodes, query, startTestApp, type TestApp } from '../testing/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})

afterAll(() => app.stop())

const POWER = `query ($input: PowerAnalysisInput!) {
  powerAnalysis(input: $input) {
    unitsPerVariant totalUnits variantUnits days unitsPerDay testAlpha testPower
  }
}`

const PROPORTION = { kind: 'PROPORTION', baseline: 0.05, minimumEffect: 0.1 }

test('anybody can plan; without exposures there is no duration', async () => {
  const { data, errors } = await query(app, POWER, { input: PROPORTION }, null)
  expect(errors).toBeUndefined()
  expect(data.powerAnalysis).toMatchObject({ days: null, unitsPerDay: null, testAlpha: 0.05 })
  const { unitsPerVariant, totalUnits, variantUnits } = data.powerAnalysis
  expect(variantUnits).toEqual([unitsPerVariant, unitsPerVariant])
  expect(totalUnits).toBe(2 * unitsPerVariant)
})

test('a question with several looks is answered off the event loop', async () => {
  const input = { ...PROPORTION, method: 'GROUP_SEQUENTIAL', looks: 50 }
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  const { data } = await query(app, POWER, { input })
  clearInterval(timer)
  expect(data.powerAnalysis.totalUnits).toBeGreaterThan(72_394)
  expect(turns).toBeGreaterThan(10)
})

test('input that cannot be planned names every problem', async () => {
  const answer = await query(app, POWER, {
    input: { ...PROPORTION, baseline: 5, looks: 3, role: 'QUALITY' },
  })
  expect(errorCodes(answer)).toEqual(['BAD_USER_INPUT'])
  const { errors } = await query(app, POWER, { input: { ...PROPORTION, baseline: 5, looks: 3 } })
  expect(errors[0].message).toBe(
    '`input`: baseline must be above 0 and below 1: it is a proportion; looks is not for FIXED_HORIZON, which has one look.',
  )
})

test('the duration is that of recent exposures, from their counters', async () => {
  const { position } = await app.store.countedThrough()
  const exposure = { experimentKey: 'mix', variantKey: 'control', surface: 'home', rung: 'MODEL' } as const
  const exposures = Array.from({ length: 20 }, (_, index) => ({ ...exposure, unit: `u${index}`, day: NOON }))
  await app.store.addCounts({ from: position, through: { position, asOf: NOON + 2 * DAY }, exposures })
  const { data } = await query(app, POWER, { input: PROPORTION })
  expect(data.powerAnalysis.unitsPerDay).toBeCloseTo(10, 9)
  expect(data.powerAnalysis.days).toBeCloseTo(data.powerAnalysis.totalUnits / 10, 9)
})

test('beyond so many waiting questions the next one is refused, and can be asked again', async () => {
  const input = { ...PROPORTION, method: 'ALWAYS_VALID', looks: 2 }
  const answers = await Promise.all(
    Array.from({ length: MAX_WAITING + 2 }, () => query(app, POWER, { input })),
  )
  const codes = answers.flatMap((answer) => errorCodes(answer) ?? [])
  expect(codes).toEqual(['PLANNING_OVERLOADED', 'PLANNING_OVERLOADED'])
  expect(errorCodes(await query(app, POWER, { input }))).toBeUndefined()
})

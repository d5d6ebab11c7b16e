import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import {
  createClock,
  developmentClockProblems,
  readOffset,
  setDevelopmentClock,
} from './development-clock.ts'

const DAY_MS = 86_400_000

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-clock-'))
  file = join(folder, 'clock')
})
afterEach(() => rmSync(folder, { recursive: true }))

function differenceOf(clock: { now(): number }): number {
  return Math.round((clock.now() - Date.now()) / 1_000) * 1_000
}

test('without a setting, or without the file, it is the time of the machine', () => {
  expect(createClock(null)).toBe(systemClock)
  expect(differenceOf(createClock(file))).toBe(0)
})

test('a running process follows the file, and its removal', async () => {
  setDevelopmentClock(file, -14 * DAY_MS)
  const clock = createClock(file)
  expect(differenceOf(clock)).toBe(-14 * DAY_MS)
  setDevelopmentClock(file, -3 * DAY_MS)
  await vi.waitUntil(() => differenceOf(clock) === -3 * DAY_MS)
  rmSync(file)
  await vi.waitUntil(() => differenceOf(clock) === 0)
  expect(readOffset(file)).toBe(0)
})

test('a file that holds something else is an error', () => {
  writeFileSync(file, 'yesterday')
  expect(() => createClock(file)).toThrow(/does not hold a whole number/)
})

test('it is refused unless NODE_ENV says development', () => {
  const problems = (env: Record<string, string>, DEVELOPMENT_CLOCK_FILE: string | null = file) =>
    developmentClockProblems({ DEVELOPMENT_CLOCK_FILE }, env)
  expect(problems({ NODE_ENV: 'development' })).toEqual([])
  expect(problems({}, null)).toEqual([])
  for (const env of [{}, { NODE_ENV: 'test' }, { NODE_ENV: 'production' }] as Record<string, string>[]) {
    expect(problems(env)).toEqual([
      expect.stringMatching(/^DEVELOPMENT_CLOCK_FILE: needs NODE_ENV=development/),
    ])
  }
})

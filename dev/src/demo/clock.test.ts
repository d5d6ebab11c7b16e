import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beginFortnight, findDemoClock } from './clock.ts'

const DAY_MS = 86_400_000

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-demo-clock-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

/** Found anew each time, as by another start. */
function clock(mongodbUrl: string | null = null) {
  return findDemoClock({ dataDir, mongodbUrl })
}

function daysBehind(): number {
  return Math.round(Math.abs(Date.now() - (clock()?.now() ?? 0)) / DAY_MS)
}

test('begins a fortnight ago, goes on a day at a time from wherever it was left, and stays at now', () => {
  expect(clock()).toBeNull()
  beginFortnight({ dataDir, mongodbUrl: null })
  for (let left = 14; left > 0; left--) {
    expect([daysBehind(), clock()?.hasArrived()]).toEqual([left, false])
    clock()?.nextDay()
  }
  expect([daysBehind(), clock()?.hasArrived()]).toEqual([0, true])
  clock()?.nextDay()
  expect(daysBehind()).toBe(0)
  clock()?.remove()
  expect(clock()).toBeNull()
  expect(readdirSync(dataDir)).toEqual([])
})

test('other datastores have another time', () => {
  const mongodbUrl = 'mongodb://127.0.0.1/?replicaSet=rs0'
  beginFortnight({ dataDir, mongodbUrl })
  expect([clock(), clock(`${mongodbUrl}&x=1`)]).toEqual([null, null])
  expect(clock(mongodbUrl)).not.toBeNull()
  expect(readdirSync(dataDir).join()).not.toContain('mongodb')
})

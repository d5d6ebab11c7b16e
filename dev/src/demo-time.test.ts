import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDemoClock } from './demo/clock.ts'
import { demoTime } from './demo-time.ts'
import { SUBGRAPHS } from './environment.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-demo-time-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

function start(demo: boolean) {
  return demoTime({ dataDir, mongodbUrl: null, demo })
}

function clock() {
  return findDemoClock({ dataDir, mongodbUrl: null })
}

function storeSomething(): void {
  for (const subgraph of SUBGRAPHS) openSqlite(join(dataDir, `${subgraph}.db`), []).close()
}

test('a demo that is loaded begins a fortnight ago, and the next start goes on in that time', async () => {
  const time = await start(true)
  expect(time).toMatchObject({ NODE_ENV: 'development', DEVELOPMENT_CLOCK_FILE: clock()?.file })
  storeSomething()
  clock()?.nextDay()
  const now = clock()?.now() ?? 0
  expect(await start(true)).toEqual(time)
  expect(Math.abs((clock()?.now() ?? 0) - now)).toBeLessThan(60_000)
})

test('a start without the demo has the time of the machine, whatever an earlier one has left', async () => {
  await start(true)
  storeSomething()
  expect([await start(false), clock()]).toEqual([{}, null])
  expect([await start(true), clock()]).toEqual([{}, null])
})

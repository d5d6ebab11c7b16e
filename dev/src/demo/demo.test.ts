import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beginFortnight, findDemoClock } from './clock.ts'
import { createDemo } from './demo.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-demo-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

/** Goes on with a demo whose services do not answer. */
async function goOn(signal: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = []
  // Nobody can listen on port 0.
  const ports = { gateway: 0, personalization: 0, experimentation: 0 }
  const demo = await createDemo({
    launcher: { ports, dataDir, mongodbUrl: null, demo: true },
    tokenSecret: 'x'.repeat(32),
    personalization: () => Promise.reject(new Error('no such program')),
    write: (line) => lines.push(line),
    signal,
  })
  await demo.goOn()
  return lines
}

test('a walk that is given up brings the time to now, and says so', async () => {
  beginFortnight({ dataDir, mongodbUrl: null })
  const lines = await goOn(new AbortController().signal)
  expect(findDemoClock({ dataDir, mongodbUrl: null })).toBeNull()
  expect(lines[0]).toMatch(/^Demo: the way of a challenger was given up: /)
  expect(lines[1]).toMatch(/^Demo: its time is that of the machine from now on/)
})

test('a walk that ends with the launcher keeps its time, so that the next start goes on', async () => {
  beginFortnight({ dataDir, mongodbUrl: null })
  expect(await goOn(AbortSignal.abort())).toEqual([])
  expect(findDemoClock({ dataDir, mongodbUrl: null })).not.toBeNull()
})

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('../testing/old-space-growth.ts', import.meta.url))

/** MiB. */
async function oldSpaceGrowth(where: 'plain' | 'service'): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--single-threaded', FIXTURE, where])
  return Number(stdout)
}

test('in a service no new object is old at once, whatever V8 has seen live long', async () => {
  expect(await oldSpaceGrowth('service')).toBeLessThan(2)
})

test('without one most of the same objects are, so that the test above can fail', async () => {
  expect(await oldSpaceGrowth('plain')).toBeGreaterThan(10)
})

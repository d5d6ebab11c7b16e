import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { HEAP_FLAGS } from './heap-settings.ts'

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

// What the second flag is for shows after a hundred seconds without work, which is too long for a test.
test.each(HEAP_FLAGS)('V8 has the flag %s', async (flag) => {
  await expect(promisify(execFile)(process.execPath, [flag, '--eval', ''])).resolves.toMatchObject({
    stderr: '',
  })
})

test('V8 refuses a flag that it does not have, so that the tests above can fail', async () => {
  const asked = promisify(execFile)(process.execPath, ['--no-such-flag-of-v8', '--eval', ''])
  await expect(asked).rejects.toThrow('bad option')
})

import { expect, test } from 'vitest'
import {
  everythingEnds,
  output,
  started,
  startLauncher,
  startNpm,
  useLauncher,
} from './testing/test-launcher.ts'

useLauncher()

test.each([
  ['SIGINT, as at Ctrl-C', 'SIGINT', 0],
  ['SIGHUP, as when its terminal is closed', 'SIGHUP', 'SIGHUP'],
] as const)(
  '`npm start` drains once, the gateway first, when its whole group gets %s',
  async (_, signal, end) => {
    await startNpm('a shell that execs')
    process.kill(-(started.pid ?? 0), signal)
    await everythingEnds()
    expect(started.signalCode ?? started.exitCode).toBe(end)
    const stopped = [...output.matchAll(/^\S+ (\w+) +info +stopped$/gm)].map((match) => match[1])
    // The analyst that experimentation has started stops as well, and says so under its name.
    expect([...new Set(stopped)]).toEqual(['gateway', 'personalization', 'experimentation'])
  },
)

test('no service outlives a launcher that ends by a failure that nobody caught', async () => {
  await startLauncher('Bulkhead is ready')
  started.kill('SIGUSR2')
  await everythingEnds()
  expect(started.exitCode).toBe(1)
  expect(output).toContain('a defect')
})

test('no service outlives a launcher whose reader has gone, as in `npm start | head -1`', async () => {
  await startLauncher('datastore open')
  started.stdout?.destroy()
  await everythingEnds()
  expect(started.exitCode).toBe(1)
})

import { expect, test } from 'vitest'
import {
  databasesAreClosed,
  everythingEnds,
  family,
  SERVICE_COUNT,
  started,
  startNpm,
  useLauncher,
} from './testing/test-launcher.ts'

useLauncher()

test.each([
  ['a shell that execs', 'npm', 'SIGTERM', 0],
  ['a shell that execs', 'launcher', 'SIGKILL', 'SIGKILL'],
  ['a shell that stays', 'npm', 'SIGTERM', 'SIGTERM'],
  ['a shell that stays', 'npm', 'SIGKILL', 'SIGKILL'],
  ['a shell that stays', 'shell', 'SIGTERM', 'SIGTERM'],
  ['a shell that stays', 'launcher', 'SIGTERM', 0],
] as const)('`npm start` in %s leaves nothing behind when %s gets %s', async (shell, target, signal, end) => {
  await startNpm(shell)
  const [npm = 0, ...others] = family
  const launcher = others.at(-SERVICE_COUNT - 1) ?? 0
  const between = others.slice(0, -SERVICE_COUNT - 1)
  expect(between.length > 0).toBe(shell === 'a shell that stays')
  expect(databasesAreClosed()).toBe(false)
  process.kill({ npm, shell: between[0] ?? 0, launcher }[target], signal)
  await everythingEnds()
  expect(started.signalCode ?? started.exitCode).toBe(end)
})

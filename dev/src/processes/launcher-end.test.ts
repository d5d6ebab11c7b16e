import { expect, test } from 'vitest'
import {
  ancestry,
  databasesAreClosed,
  everythingEnds,
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
  const { npm, between, launcher } = ancestry()
  expect(between.length > 0).toBe(shell === 'a shell that stays')
  expect(databasesAreClosed()).toBe(false)
  process.kill({ npm, shell: between[0] ?? 0, launcher }[target], signal)
  await everythingEnds()
  expect(started.signalCode ?? started.exitCode).toBe(end)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { npmAncestors, whenAncestorEnds } from './ancestors.ts'

const SCRIPT = 'node --import ./dev/check-node.mjs dev/src/start.ts'
const PROGRAM = 'dev/src/start.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a program that npm was asked to run has npm among its ancestors', () => {
  expect(npmAncestors(PROGRAM, { npm_lifecycle_script: SCRIPT })).toEqual([process.ppid])
})

test.each([
  ['a shell', {}],
  ['a shell that another npm script opened', { npm_lifecycle_script: 'bash' }],
])('a program started by hand from %s outlives whoever started it', (_, env) => {
  const ancestors = npmAncestors(PROGRAM, env)
  expect(ancestors).toEqual([])
  const act = vi.fn()
  whenAncestorEnds(ancestors, act)
  vi.advanceTimersByTime(10_000)
  expect(act).not.toHaveBeenCalled()
})

test('the end of any ancestor is reported once', async () => {
  const ancestor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const act = vi.fn()
  whenAncestorEnds([process.ppid, ancestor.pid ?? 0], act)
  vi.advanceTimersByTime(10_000)
  expect(act).not.toHaveBeenCalled()
  ancestor.kill('SIGKILL')
  await once(ancestor, 'exit')
  vi.advanceTimersByTime(10_000)
  expect(act).toHaveBeenCalledTimes(1)
})

test('a parent that ended before the first look is reported', () => {
  const act = vi.fn()
  // An end that nobody waited for: the process id is still there, but it is no longer the parent's.
  whenAncestorEnds([process.pid], act)
  vi.advanceTimersByTime(10_000)
  expect(act).toHaveBeenCalledTimes(1)
})

import { freePorts } from '@bulkhead/e2e/harness/ports'
import { expect, onTestFinished, test } from 'vitest'
import { start } from './programs.ts'

const SERVE =
  "require('node:http').createServer((_, r) => r.end('yes')).listen(Number(process.env.PORT), '127.0.0.1')"

test('a program has started once it serves, and ends with the resources', async () => {
  const resources = new AsyncDisposableStack()
  onTestFinished(() => resources.disposeAsync())
  const [port = 0] = await freePorts(1)
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/`)).ok
  const started = await start(
    { name: 'server', args: ['-e', SERVE], env: { PORT: String(port) }, ready },
    resources,
  )
  expect(await ready()).toBe(true)
  expect(started.exited()).toBe(false)
  await resources.disposeAsync()
  expect(started.exited()).toBe(true)
})

test('a program that ends before it serves is told with its output', async () => {
  await using resources = new AsyncDisposableStack()
  const program = { name: 'broken', args: ['-e', "throw new Error('no port')"], ready: async () => false }
  await expect(start(program, resources)).rejects.toThrow(/broken ended before it served:[\s\S]*no port/)
})

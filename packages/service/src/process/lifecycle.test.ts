import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { afterEach, expect, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('../testing/test-service.ts', import.meta.url))

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

function run(...args: string[]) {
  const child = spawn(process.execPath, [FIXTURE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    for (const look of watchers) look()
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const closed = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({
    code,
    signal,
    stdout,
    stderr,
  }))
  const said = (pattern: RegExp) =>
    Promise.race([
      new Promise<string>((resolve) => {
        function look() {
          const match = pattern.exec(stdout)
          if (match) resolve(match[1] ?? '')
        }
        watchers.add(look)
        look()
      }),
      closed.then(({ stderr: why }) => Promise.reject(new Error(`ended before it said ${pattern}: ${why}`))),
    ])
  const ready = async () => `http://127.0.0.1:${await said(/ready (\d+)/)}`
  return { child, closed, said, ready }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s lets a request in progress finish, then exits with 0',
  async (signal) => {
    const service = run('plain')
    const url = await service.ready()
    const slow = request(`${url}/slow`)
    await service.said(/slow request arrived/)
    service.child.kill(signal)
    const answer = await slow
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, 'served'])
    expect(await service.closed).toMatchObject({ code: 0, stderr: '' })
  },
)

test('a second signal exits at once', async () => {
  const service = run('plain')
  const slow = request(`${await service.ready()}/slow`).catch((error: unknown) => error)
  await service.said(/slow request arrived/)
  service.child.kill('SIGTERM')
  await service.said(/draining/)
  service.child.kill('SIGTERM')
  expect(await service.closed).toMatchObject({ code: 143 })
  expect(await slow).toBeInstanceOf(Error)
})

test('a drain that exceeds its time ends with 1', async () => {
  const service = run('stuck')
  const slow = request(`${await service.ready()}/slow`).catch((error: unknown) => error)
  await service.said(/slow request arrived/)
  service.child.kill('SIGTERM')
  expect(await service.closed).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('drain exceeded 300 ms'),
  })
  await slow
})

test('a taken port is one line without a stack, and exit code 1', async () => {
  const port = new URL(await run('plain').ready()).port
  expect(await run('plain', port).closed).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr: `fixture: PORT ${port} is taken: stop what listens there or set PORT\n`,
  })
})

test('a configuration that cannot be read is one line, and exit code 1', async () => {
  expect(await run('plain', 'eighty').closed).toMatchObject({
    code: 1,
    stderr: 'fixture: configuration: PORT: "eighty" is not a whole number (set a port from 0 to 65535)\n',
  })
})

test('a datastore that cannot be opened is one line, whatever its words', async () => {
  expect(await run('datastore').closed).toMatchObject({
    code: 1,
    stderr: 'fixture: cannot open SQLite database x.db\n',
  })
})

test('a defect at start shows its stack, and exit code 1', async () => {
  const { code, stderr } = await run('defect').closed
  expect(code).toBe(1)
  expect(stderr).toMatch(/TypeError: a defect of the code\n\s+at /)
})

test('a rejection that nobody caught is logged as fatal, and exit code 1', async () => {
  const service = run('plain')
  const answer = request(`${await service.ready()}/reject`).catch((error: unknown) => error)
  const { code, stdout } = await service.closed
  await answer
  expect(code).toBe(1)
  expect(stdout).toMatch(/"level":"fatal".*nobody caught this/)
})

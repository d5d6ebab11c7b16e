import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isInUse } from '@bulkhead/datastore/reset'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { datastoreUrl, SUBGRAPHS } from './environment.ts'

const START = fileURLToPath(new URL('start.ts', import.meta.url))
/** Makes the launcher fail where nobody expects it, when the test says so. */
const FAILS_AT_SIGUSR2 = `data:text/javascript,${encodeURIComponent(
  "process.on('SIGUSR2', () => { throw new Error('a defect') })",
)}`

let dataDir: string
let port: number
let launcher: ChildProcess
let output: string
let services: readonly number[]

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-launcher-end-'))
  do port = 20_000 + Math.floor(Math.random() * 10_000)
  while (!(await portsAreFree()))
})
afterEach(async () => {
  launcher.kill('SIGKILL')
  // What a failed test left behind must not outlive it.
  for (const pid of services) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone, as it should be.
    }
  }
  rmSync(dataDir, { recursive: true, force: true })
})

async function portsAreFree(): Promise<boolean> {
  for (const each of [port, port + 1, port + 2]) {
    const server = createServer()
    const listens = once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.listen(each, '127.0.0.1')
    if (!(await listens)) return false
    server.close()
    await once(server, 'close')
  }
  return true
}

const databasesAreClosed = (): boolean =>
  !SUBGRAPHS.some((name) => isInUse(datastoreUrl(name, { dataDir, mongodbUrl: null })))

const childrenOf = (parent: number | undefined): number[] =>
  spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .stdout.split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid] : []))

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 25_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}; it said:\n${output}`)
    await sleep(50)
  }
}

/** What `npm start -- --no-demo` runs, once it has said `line`. */
async function startLauncher(line: string): Promise<void> {
  output = ''
  services = []
  launcher = spawn(
    process.execPath,
    ['--import', FAILS_AT_SIGUSR2, START, '--no-demo', '--port', String(port)],
    { env: { DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  await until(line, () => output.includes(line))
  services = childrenOf(launcher.pid)
}

async function everythingEnds(): Promise<void> {
  await until('the launcher ends', () => launcher.exitCode !== null || launcher.signalCode !== null)
  await until('the databases are closed', databasesAreClosed)
  await until('the ports are free', portsAreFree)
}

test.each([
  ['SIGHUP, as when its terminal is closed', 'SIGHUP', 0],
  ['SIGKILL, of which it hears nothing', 'SIGKILL', null],
  ['a failure that nobody caught', 'SIGUSR2', 1],
] as const)('no service outlives a launcher that ends by %s', async (_, signal, code) => {
  await startLauncher('Bulkhead is ready')
  expect(services).toHaveLength(3)
  expect(databasesAreClosed()).toBe(false)
  launcher.kill(signal)
  await everythingEnds()
  expect(launcher.exitCode).toBe(code)
  if (signal === 'SIGUSR2') expect(output).toContain('a defect')
})

test('no service outlives a launcher whose reader has gone, as in `npm start | head -1`', async () => {
  await startLauncher('datastore open')
  launcher.stdout?.destroy()
  await everythingEnds()
  expect(launcher.exitCode).toBe(1)
})

test('Ctrl-C drains every service, the gateway first', async () => {
  await startLauncher('Bulkhead is ready')
  launcher.kill('SIGINT')
  await everythingEnds()
  expect(launcher.exitCode).toBe(0)
  const stopped = [...output.matchAll(/^\S+ (\w+) +info +stopped$/gm)].map((match) => match[1])
  expect(stopped).toEqual(['gateway', 'personalization', 'experimentation'])
})

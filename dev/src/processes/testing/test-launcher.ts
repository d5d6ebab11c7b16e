import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isInUse } from '@bulkhead/datastore/reset'
import { afterEach, beforeEach } from 'vitest'
import { datastoreUrl, SUBGRAPHS } from '../../environment.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const START = fileURLToPath(new URL('../../start.ts', import.meta.url))
/** Makes the launcher fail where nobody expects it, when the test says so. */
const FAILS_AT_SIGUSR2 = `data:text/javascript,${encodeURIComponent(
  "process.on('SIGUSR2', () => { throw new Error('a defect') })",
)}`
/** What npm runs its scripts with, as `-c SCRIPT`: some shells replace themselves by their last command, some stay. */
const SHELLS = {
  'a shell that execs': '#!/bin/sh\neval "exec $2"\n',
  'a shell that stays': '#!/bin/sh\nsh -c "$2"\nexit $?\n',
}
type ProcessEntry = { readonly pid: number; readonly parent: number; readonly command: string }

let dataDir: string
let port: number
/** What the test started: npm, or the launcher itself. */
export let started: ChildProcess
export let output: string
/** npm, the shell if it stays, the launcher, the services and what they started, as far as they run. */
let family: readonly number[]

/** Gives each test of a file a folder and ports of its own, and ends what a failed one left behind. */
export function useLauncher(): void {
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-launcher-end-'))
    output = ''
    family = []
    do port = 20_000 + Math.floor(Math.random() * 10_000)
    while (!(await portsAreFree()))
  })
  afterEach(() => {
    started.kill('SIGKILL')
    // What a failed test left behind must not outlive it.
    for (const pid of survivors()) process.kill(pid, 'SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  })
}

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

export function databasesAreClosed(): boolean {
  return !SUBGRAPHS.some((name) => isInUse(datastoreUrl(name, { dataDir, mongodbUrl: null })))
}

function processTable(): ProcessEntry[] {
  return (
    spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
      .stdout.split('\n')
      .map((line) => line.trim().split(/\s+/))
      // A zombie has ended; its parent has only not read the exit code yet.
      .filter(([, , state]) => state !== undefined && !state.startsWith('Z'))
      .map(([pid, parent, , ...command]) => ({
        pid: Number(pid),
        parent: Number(parent),
        command: command.join(' '),
      }))
  )
}

/** Those of the family that have not ended. */
function survivors(): number[] {
  const table = processTable()
  return family.filter((pid) => table.some((entry) => entry.pid === pid))
}

/** The process and all that descend from it, parents first. */
function familyOf(pid: number, table = processTable()): number[] {
  return [pid, ...table.filter(({ parent }) => parent === pid).flatMap((child) => familyOf(child.pid, table))]
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 25_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}; it said:\n${output}`)
    await sleep(50)
  }
}

/** Starts a program of its own process group, as an interactive shell does, and waits until it has said `line`. */
async function start(command: string, args: readonly string[], line: string): Promise<void> {
  started = spawn(command, [...args, '--no-demo', '--port', String(port)], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  for (const stream of [started.stdout, started.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  await until(line, () => output.includes(line))
  family = familyOf(started.pid ?? 0)
}

export function startLauncher(line: string): Promise<void> {
  return start(process.execPath, ['--import', FAILS_AT_SIGUSR2, START], line)
}

export async function startNpm(shell: keyof typeof SHELLS): Promise<void> {
  const path = join(dataDir, 'shell')
  writeFileSync(path, SHELLS[shell], { mode: 0o755 })
  await start('npm', ['start', '--script-shell', path, '--'], 'Bulkhead is ready')
}

/** Of `family`: npm, what is between npm and the launcher, and the launcher. */
export function ancestry(): {
  readonly npm: number
  readonly between: readonly number[]
  readonly launcher: number
} {
  const node = processTable().find(
    ({ pid, command }) => family.includes(pid) && /^\S*node .*dev\/src\/start\.ts/.test(command),
  )
  const [npm = 0, ...others] = family
  const launcher = node?.pid ?? 0
  return { npm, between: others.slice(0, others.indexOf(launcher)), launcher }
}

export async function everythingEnds(): Promise<void> {
  await until('what was started ends', () => started.exitCode !== null || started.signalCode !== null)
  await until('every process ends', () => survivors().length === 0)
  await until('the databases are closed', databasesAreClosed)
  await until('the ports are free', portsAreFree)
}

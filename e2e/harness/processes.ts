import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { COMMAND_LINES, ENTRY_POINTS, type ServiceName, type SubgraphName } from '@bulkhead/dev/environment'

const STOP_TIMEOUT_MS = 15_000
const OUTPUT_LIMIT = 20_000

export type TestProcess = {
  readonly pid: number
  /** The end of its output. */
  output(): string
  exited(): boolean
  /** Resolves with the exit code when it is gone; null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it keeps its sockets and answers nothing. */
  freeze(): void
  thaw(): void
  /** SIGTERM; resolves with the exit code, by force after 15 s (null). */
  stop(): Promise<number | null>
}

function inheritedEnv(): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  }
}

function capture(child: ChildProcess): () => string {
  let output = ''
  function append(chunk: Buffer): void {
    output = (output + chunk.toString()).slice(-OUTPUT_LIMIT)
  }
  child.stdout?.on('data', append)
  child.stderr?.on('data', append)
  return () => output
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function control(child: ChildProcess): TestProcess {
  const output = capture(child)
  async function signal(name: NodeJS.Signals): Promise<void> {
    if (isOver(child)) return
    const exited = once(child, 'exit')
    child.kill(name)
    await exited
  }
  return {
    pid: child.pid ?? 0,
    output,
    exited: () => isOver(child),
    ended: new Promise((resolve) => child.once('exit', resolve)),
    kill: () => signal('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      // A frozen process cannot drain.
      child.kill('SIGCONT')
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await signal('SIGTERM')
      clearTimeout(force)
      return child.exitCode
    },
  }
}

/** Starts any program with an environment of its own. */
export function startProgram(
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly command?: string
    readonly cwd?: string
  } = {},
): TestProcess {
  return control(
    spawn(options.command ?? process.execPath, args, {
      env: { ...inheritedEnv(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    }),
  )
}

/** Starts one service as its own process, as production would. */
export function startProcess(name: ServiceName, env: Readonly<Record<string, string>>): TestProcess {
  return startProgram([fileURLToPath(ENTRY_POINTS[name])], { env })
}

/** Runs a subgraph's command-line program; rejects with its output unless it exits with 0. */
export async function runToEnd(
  subgraph: SubgraphName,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [fileURLToPath(COMMAND_LINES[subgraph]), ...args], {
    env: { ...inheritedEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = capture(child)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${subgraph} ${args.join(' ')} exited with ${code}:\n${output()}`)
  return output()
}

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const READY = /^gateway is up at (http:\/\/\S+)\/graphql$/m
const READY_TIMEOUT_MS = 20_000

export type GatewayProcess = {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Its origin, once it listens. Rejects where it ends before. */
  readonly ready: Promise<string>
  /** Its exit code, once all of its output is there. */
  readonly ended: Promise<number | null>
}

/**
 * Runs `gateway/src/cli.ts` as a process of its own, with this environment alone.
 * @param command runs Node with these arguments; in a test about its parent, through another process
 */
export function startGatewayProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  command: (nodeArgs: readonly string[]) => readonly string[] = (nodeArgs) => nodeArgs,
): GatewayProcess {
  const child = spawn(process.execPath, command([CLI, ...args]), {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const ready = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<number | null>()
  const fail = (why: string) => ready.reject(new Error(`the gateway ${why}: ${stderr}`))
  const timer = setTimeout(() => fail('is not ready'), READY_TIMEOUT_MS)
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    const origin = READY.exec(stdout)?.[1]
    if (origin !== undefined) ready.resolve(origin)
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.once('close', (code) => {
    fail(`ended with ${code}`)
    ended.resolve(code)
  })
  // A test that expects it to end does not wait for `ready`.
  ready.promise.catch(() => undefined).finally(() => clearTimeout(timer))
  return { child, stdout: () => stdout, stderr: () => stderr, ready: ready.promise, ended: ended.promise }
}

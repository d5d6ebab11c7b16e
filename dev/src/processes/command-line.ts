import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { COMMAND_LINES, type SubgraphName } from '../environment.ts'
import { END_WITH_LAUNCHER } from './end-with-launcher.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Runs a subgraph's command-line program in this terminal; resolves with its exit code. It ends when this process does.
 */
export async function runCommandLine(
  subgraph: SubgraphName,
  args: readonly string[],
  env: Environment,
): Promise<number> {
  const [code] = await once(start(subgraph, args, { env, stdio: 'inherit' }), 'exit')
  return typeof code === 'number' ? code : 1
}

/** The same out of sight: resolves with what it printed. @throws Error with that where it fails, or `signal` ends it */
export async function readCommandLine(
  subgraph: SubgraphName,
  args: readonly string[],
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<string> {
  const child = start(subgraph, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => void child.kill()
  signal.addEventListener('abort', kill)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  }
  const [code] = await once(child, 'close')
  signal.removeEventListener('abort', kill)
  if (code !== 0) throw new Error(`${args[0]} failed: ${printed.trim()}`)
  return printed
}

function start(
  subgraph: SubgraphName,
  args: readonly string[],
  options: { readonly env: Environment; readonly stdio: 'inherit' | ['ignore', 'pipe', 'pipe'] },
): ChildProcess {
  return spawn(
    process.execPath,
    [...END_WITH_LAUNCHER, fileURLToPath(COMMAND_LINES[subgraph]), ...args],
    options,
  )
}

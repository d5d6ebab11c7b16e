import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { COMMAND_LINES, type SubgraphName } from '../environment.ts'
import { END_WITH_LAUNCHER } from './end-with-launcher.ts'

/**
 * Runs a subgraph's command-line program in this terminal; resolves with its exit code. It ends when this process does.
 */
export async function runCommandLine(
  subgraph: SubgraphName,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const child = spawn(
    process.execPath,
    [...END_WITH_LAUNCHER, fileURLToPath(COMMAND_LINES[subgraph]), ...args],
    {
      env,
      stdio: 'inherit',
    },
  )
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}

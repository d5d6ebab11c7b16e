import { spawnSync } from 'node:child_process'

const POLL_MS = 500

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user is running too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Calls `act` once, as soon as one of these ancestors has ended, whatever ended it.
 * @param ancestors process ids, the parent first; none is watched when empty
 */
export function whenAncestorEnds(ancestors: readonly number[], act: () => void): void {
  const [parent] = ancestors
  if (parent === undefined) return
  function look(): void {
    // A parent that ended keeps its process id until it is waited for, but its children get another parent at once.
    if (process.ppid === parent && ancestors.every(isRunning)) return
    clearInterval(timer)
    act()
  }
  const timer = setInterval(look, POLL_MS)
  // This timer alone does not keep the process running.
  timer.unref()
}

type ProcessEntry = { readonly pid: number; readonly parent: number; readonly command: string }

/** Empty where there is no `ps`, as in small containers. */
function processTable(): ProcessEntry[] {
  return (spawnSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).stdout ?? '')
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
      return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
    })
}

/**
 * The processes between npm and this one, the parent first and npm last. Empty when this program is not what npm was
 * asked to run: it was started by hand then, and whoever did that may close the shell.
 *
 * Most shells replace themselves by their last command, so that the parent is npm. A shell that stays has the
 * script's text in its command line.
 */
export function npmAncestors(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly number[] {
  const script = env.npm_lifecycle_script
  if (script === undefined || !script.includes(program)) return []
  const table = processTable()
  const ancestors = [process.ppid]
  for (;;) {
    const last = table.find(({ pid }) => pid === ancestors.at(-1))
    if (last === undefined || !last.command.includes(script)) return ancestors
    ancestors.push(last.parent)
  }
}

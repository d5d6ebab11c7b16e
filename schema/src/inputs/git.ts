import { spawn } from 'node:child_process'
import { buffer, text } from 'node:stream/consumers'
import { isRecord } from '@bulkhead/service/json'
import { cannotCheck } from '../model/cannot-check.ts'

export type GitAnswer =
  | { readonly ok: true; readonly output: Buffer }
  | { readonly ok: false; readonly complaint: string }

/**
 * Runs git, without a shell.
 * @param args must hold nothing that a user wrote and that begins with a dash
 */
export async function git(
  folder: string,
  args: readonly string[],
  input: string | null = null,
): Promise<GitAnswer> {
  const child = spawn('git', ['-C', folder, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // It may end without having read its input.
  child.stdin.once('error', () => {})
  child.stdin.end(input ?? '')
  try {
    const [output, complaint, code] = await Promise.all([buffer(child.stdout), text(child.stderr), ended])
    return code === 0 ? { ok: true, output } : { ok: false, complaint: complaint.trim() }
  } catch (error) {
    if (!isRecord(error) || error.code !== 'ENOENT') throw error
    return cannotCheck(
      'git cannot be started',
      'git on the PATH, or a folder or a supergraph file as the base',
    )
  }
}

/** One line that git prints; null where it refuses. */
export async function gitLine(folder: string, args: readonly string[]): Promise<string | null> {
  const answer = await git(folder, args)
  return answer.ok ? answer.output.toString('utf8').trim() : null
}

/** The commit that a ref names; null where there is none. @throws CannotCheckError for what git would take for an option */
export async function commitOf(folder: string, ref: string): Promise<string | null> {
  if (ref.startsWith('-')) {
    return cannotCheck(`"${ref}" is no git ref`, 'a ref that does not begin with a dash, such as origin/main')
  }
  return gitLine(folder, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])
}

export async function isShallow(folder: string): Promise<boolean> {
  return (await gitLine(folder, ['rev-parse', '--is-shallow-repository'])) === 'true'
}

/**
 * The root of the repository that a folder is in; null where it is in none.
 * @throws CannotCheckError where git refuses the repository, for example because it is somebody else's
 */
export async function repositoryRoot(folder: string): Promise<string | null> {
  const answer = await git(folder, ['rev-parse', '--show-toplevel'])
  if (answer.ok) return answer.output.toString('utf8').trim()
  const { complaint } = answer
  if (!/dubious ownership|safe\.directory/i.test(complaint)) return null
  return cannotCheck(
    `git refuses the repository: ${complaint}`,
    '`git config --global --add safe.directory FOLDER` before the check, with the folder of the checkout',
  )
}

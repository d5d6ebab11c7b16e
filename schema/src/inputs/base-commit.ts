import { cannotCheck } from '../model/cannot-check.ts'
import type { SourceLocation } from '../model/source.ts'
import type { CiRun } from './ci.ts'
import { commitOf, git, gitLine, isShallow } from './git.ts'

const SHOWN_DIGITS = 12

/** A commit to compare with, and why it is this one. */
export type BaseCommit = { readonly commit: string; readonly name: string; readonly reason: string }

type BaseCommitOptions = {
  readonly repository: string
  readonly ci: CiRun | null
  /** The setting that names the ref; null for one that CI names. */
  readonly location: SourceLocation | null
}

/**
 * A branch stands for the commit at which HEAD left it: what others have merged since is no change of ours. Anything
 * else, such as a tag or an id, stands for itself.
 * @returns null where HEAD has no commit before it
 */
export async function commitOfRef(ref: string, options: BaseCommitOptions): Promise<BaseCommit | null> {
  const { repository } = options
  const commit = await commitOf(repository, ref)
  if (commit === null) return refuseRef(ref, options)
  const fullName = await gitLine(repository, ['rev-parse', '--symbolic-full-name', ref])
  if (!/^refs\/(heads|remotes)\//.test(fullName ?? '') || ref === 'HEAD') {
    return { commit, name: ref, reason: ref }
  }
  return mergeBase(ref, commit, options)
}

/** The commit that CI names; null where it names none, or where HEAD has no commit before it. */
export async function commitOfCi(
  run: CiRun,
  options: Omit<BaseCommitOptions, 'ci' | 'location'>,
): Promise<BaseCommit | null> {
  const { base } = run
  const inner = { ...options, ci: run, location: null }
  switch (base.type) {
    case 'unknown':
      return null
    case 'before': {
      const commit = await commitOf(options.repository, base.commit)
      if (commit === null) return refuseRef(base.commit, inner)
      return named(commit, 'the commit before, as CI names it')
    }
    case 'merge-base': {
      for (const ref of base.refs) {
        const commit = await commitOf(options.repository, ref)
        if (commit !== null) return mergeBase(ref, commit, inner)
      }
      return refuseRef(base.refs.at(0) ?? '', inner)
    }
  }
}

async function mergeBase(ref: string, tip: string, options: BaseCommitOptions): Promise<BaseCommit | null> {
  const { repository, ci } = options
  const commit = await gitLine(repository, ['merge-base', tip, 'HEAD'])
  if (commit === null) {
    if (await isShallow(repository)) return refuseShallow(`where HEAD left ${ref}`, options)
    return cannotCheck(
      `HEAD and ${ref} have no commit in common`,
      'a branch that HEAD comes from, or a tag or the id of a commit',
      options.location,
    )
  }
  const head = await commitOf(repository, 'HEAD')
  if (commit !== head) return named(commit, `where HEAD left ${ref}`)
  // HEAD is part of that branch. Comparing it with itself would find nothing, and so never fail.
  const isEdited = !(await git(repository, ['diff', '--quiet', 'HEAD', '--'])).ok
  if (ci === null && isEdited) return named(commit, 'the last commit')
  return commitBefore(options)
}

async function commitBefore(options: BaseCommitOptions): Promise<BaseCommit | null> {
  const { repository, ci } = options
  if (ci?.base.type === 'before') return commitOfCi(ci, options)
  const commit = await commitOf(repository, 'HEAD^1')
  if (commit !== null) return named(commit, 'the commit before')
  return (await isShallow(repository)) ? refuseShallow('the commit before HEAD', options) : null
}

function named(commit: string, reason: string): BaseCommit {
  const name = commit.slice(0, SHOWN_DIGITS)
  return { commit, name, reason: `${name} (${reason})` }
}

async function refuseRef(ref: string, options: BaseCommitOptions): Promise<never> {
  if (await isShallow(options.repository)) return refuseShallow(ref, options)
  return cannotCheck(
    `There is no ${ref} in this repository`,
    `a branch, tag or commit that is here: \`git fetch origin ${ref.replace(/^(refs\/remotes\/)?origin\//, '')}\` may bring it`,
    options.location,
  )
}

function refuseShallow(what: string, { ci, location }: BaseCommitOptions): never {
  return cannotCheck(
    `The checkout is shallow and does not have ${what}`,
    ci?.deepen ?? '`git fetch --unshallow`, or `git fetch --deepen=1000` for a part of the history',
    location,
  )
}

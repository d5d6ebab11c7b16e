import { z } from 'zod'
import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { FileTree } from './file-tree.ts'
import { parseLocated, readShape } from './located-value.ts'

/** What a CI system says of the run. */
export type CiRun = {
  /** How a checkout gets its whole history there. */
  readonly deepen: string
  /** Commits and branches to compare with, in the order in which they are tried. Empty where it says nothing of them. */
  readonly base:
    | { readonly type: 'before'; readonly commit: string }
    | { readonly type: 'merge-base'; readonly refs: readonly string[] }
    | { readonly type: 'unknown' }
}

type Environment = Readonly<Record<string, string | undefined>>

/** A push that creates a branch has no commit before it. */
const NO_COMMIT = /^0*$/

const githubEvent = z.looseObject({
  before: z.string().optional(),
  repository: z.looseObject({ default_branch: z.string().optional() }).optional(),
  pull_request: z.looseObject({ base: z.looseObject({ sha: z.string() }) }).optional(),
  merge_group: z.looseObject({ base_sha: z.string() }).optional(),
})

/**
 * @param env the environment; only this function knows its names
 * @param tree reads the event file of GitHub Actions
 * @returns null outside of CI
 */
export async function readCiRun(env: Environment, tree: FileTree): Promise<CiRun | null> {
  if (env.GITHUB_ACTIONS === 'true') {
    return {
      deepen: '`fetch-depth: 0` for actions/checkout, or `git fetch --unshallow` before the check',
      base: await githubBase(env, tree),
    }
  }
  if (env.GITLAB_CI === 'true') {
    return {
      deepen: '`GIT_DEPTH: 0` among the variables of the job, or `git fetch --unshallow` before the check',
      base: gitlabBase(env),
    }
  }
  const isCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false'
  return isCi ? { deepen: '`git fetch --unshallow` before the check', base: { type: 'unknown' } } : null
}

async function githubBase(env: Environment, tree: FileTree): Promise<CiRun['base']> {
  const path = env.GITHUB_EVENT_PATH ?? ''
  if (path === '') return { type: 'unknown' }
  const file = await tree.read(path)
  if (file === null) {
    return cannotCheck(
      'There is no such file',
      'the event file that GITHUB_EVENT_PATH names',
      wholeFile(path),
    )
  }
  const event = readShape(parseLocated(file, 'json'), githubEvent)
  if (event.pull_request !== undefined) {
    const branch = env.GITHUB_BASE_REF ?? ''
    const refs = [event.pull_request.base.sha]
    return { type: 'merge-base', refs: branch === '' ? refs : [`refs/remotes/origin/${branch}`, ...refs] }
  }
  if (event.merge_group !== undefined) return { type: 'before', commit: event.merge_group.base_sha }
  return pushBase(event.before, event.repository?.default_branch)
}

function gitlabBase(env: Environment): CiRun['base'] {
  const mergeBase = env.CI_MERGE_REQUEST_DIFF_BASE_SHA ?? ''
  if (mergeBase !== '') return { type: 'before', commit: mergeBase }
  return pushBase(env.CI_COMMIT_BEFORE_SHA, env.CI_DEFAULT_BRANCH)
}

function pushBase(before: string | undefined, defaultBranch: string | undefined): CiRun['base'] {
  if (before !== undefined && !NO_COMMIT.test(before)) return { type: 'before', commit: before }
  if (defaultBranch === undefined) return { type: 'unknown' }
  return { type: 'merge-base', refs: [`refs/remotes/origin/${defaultBranch}`] }
}

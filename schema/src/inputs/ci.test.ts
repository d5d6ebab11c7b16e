import { expect, test } from 'vitest'
import { testFolder } from '../testing/test-repository.ts'
import { readCiRun } from './ci.ts'
import { openWorkingTree } from './folder-tree.ts'

const ZEROS = '0'.repeat(40)

async function baseOf(env: Readonly<Record<string, string>>, event: object | null = null) {
  const folder = testFolder(event === null ? {} : { 'event.json': JSON.stringify(event) })
  const path = event === null ? {} : { GITHUB_EVENT_PATH: 'event.json' }
  return (await readCiRun({ ...env, ...path }, openWorkingTree(folder)))?.base
}

test('outside of CI there is no run', async () => {
  for (const env of [{}, { CI: 'false' }, { CI: '' }]) expect(await baseOf(env)).toBeUndefined()
  expect(await baseOf({ CI: 'true' })).toEqual({ type: 'unknown' })
})

test('GitHub names the commit before a push, the base of a pull request and of a merge group', async () => {
  const env = { GITHUB_ACTIONS: 'true' }
  expect(await baseOf(env)).toEqual({ type: 'unknown' })
  expect(await baseOf(env, { before: 'abc', after: 'def' })).toEqual({ type: 'before', commit: 'abc' })
  expect(await baseOf(env, { before: ZEROS, repository: { default_branch: 'trunk' } })).toEqual({
    type: 'merge-base',
    refs: ['refs/remotes/origin/trunk'],
  })
  const request = { before: 'x', pull_request: { base: { sha: 'abc', ref: 'main' } } }
  expect(await baseOf({ ...env, GITHUB_BASE_REF: 'main' }, request)).toEqual({
    type: 'merge-base',
    refs: ['refs/remotes/origin/main', 'abc'],
  })
  expect(await baseOf(env, { merge_group: { base_sha: 'abc' } })).toEqual({ type: 'before', commit: 'abc' })
  expect(await baseOf(env, { schedule: '* * * * *' })).toEqual({ type: 'unknown' })
})

test('GitLab names the merge base of a merge request, and the commit before a push', async () => {
  const env = { GITLAB_CI: 'true', CI_COMMIT_BEFORE_SHA: ZEROS, CI_DEFAULT_BRANCH: 'main' }
  expect(await baseOf({ ...env, CI_MERGE_REQUEST_DIFF_BASE_SHA: 'abc' })).toEqual({
    type: 'before',
    commit: 'abc',
  })
  expect(await baseOf({ ...env, CI_COMMIT_BEFORE_SHA: 'abc' })).toEqual({ type: 'before', commit: 'abc' })
  expect(await baseOf(env)).toEqual({ type: 'merge-base', refs: ['refs/remotes/origin/main'] })
})

test('each says how its checkout gets the history', async () => {
  const deepen = async (env: Readonly<Record<string, string>>) =>
    (await readCiRun(env, openWorkingTree(testFolder({}))))?.deepen
  expect(await deepen({ GITHUB_ACTIONS: 'true' })).toContain('`fetch-depth: 0`')
  expect(await deepen({ GITLAB_CI: 'true' })).toContain('`GIT_DEPTH: 0`')
  expect(await deepen({ CI: '1' })).toContain('`git fetch --unshallow`')
})

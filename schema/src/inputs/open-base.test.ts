import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { printSchema } from 'graphql'
import { expect, test } from 'vitest'
import { composeGraph } from '../composition/compose-graph.ts'
import { loadConfig } from '../config/load-config.ts'
import { testFolder, testRepository, writeFiles } from '../testing/test-repository.ts'
import type { CiRun } from './ci.ts'
import { openBase } from './open-base.ts'
import { readSubgraphs } from './read-subgraphs.ts'
import { openWorkspace } from './workspace.ts'

const CONFIG = 'subgraphs:\n  a: { schema: { file: a/*.graphql } }\n'
const FILES = { 'graph/supergraph.yaml': CONFIG, 'graph/a/query.graphql': 'type Query { one: Int }' }

async function baseOf(
  folder: string,
  options: { readonly base?: string; readonly config?: string; readonly ci?: CiRun } = {},
) {
  const workspace = await openWorkspace({ config: options.config ?? 'graph/supergraph.yaml', folder })
  const config = await loadConfig(workspace.configPath, workspace.tree)
  return openBase({ workspace, config, option: options.base ?? null, folder, ci: options.ci ?? null })
}

async function problemsOf(opening: Promise<unknown>) {
  const error = await opening.then(
    () => null,
    (thrown) => thrown,
  )
  return error?.problems
}

/** The fields of Query in a base, and where the first of its definitions stands. */
function fieldsOf(base: Awaited<ReturnType<typeof baseOf>>) {
  if (base.type !== 'subgraphs') throw new Error(`The base is ${base.type}`)
  const [definition] = base.subgraphs.flatMap(({ document }) => document.definitions)
  if (definition?.kind !== 'ObjectTypeDefinition') throw new Error('no type')
  return { fields: definition.fields?.map(({ name }) => name.value), file: definition.loc?.source.name }
}

test('a branch stands for the commit at which HEAD left it', async () => {
  const { folder, git, commit } = testRepository(FILES)
  git('checkout', '--quiet', '-b', 'feature')
  commit({ 'graph/a/query.graphql': 'type Query { mine: Int }' })
  git('checkout', '--quiet', 'main')
  const tip = commit({ 'graph/a/query.graphql': 'type Query { one: Int theirs: Int }' })
  git('tag', 'exactly', 'main')
  git('checkout', '--quiet', 'feature')
  const left = git('merge-base', 'main', 'feature').slice(0, 12)
  const base = await baseOf(folder, { base: 'main' })
  expect(fieldsOf(base)).toEqual({ fields: ['one'], file: `${left}:graph/a/query.graphql` })
  expect(base).toMatchObject({ name: `${left} (where HEAD left main)`, notes: [] })
  for (const exact of ['exactly', tip]) {
    expect(fieldsOf(await baseOf(folder, { base: exact })).fields).toEqual(['one', 'theirs'])
  }
})

test('on the branch itself a base is never the commit that is checked', async () => {
  const { folder, git, commit } = testRepository(FILES)
  const first = git('rev-parse', 'HEAD')
  expect(await baseOf(folder, { base: 'main' })).toEqual({
    type: 'none',
    why: 'HEAD has no commit before it',
  })
  const second = commit({ 'graph/a/query.graphql': 'type Query { two: Int }' })
  expect(fieldsOf(await baseOf(folder, { base: 'main' })).fields).toEqual(['one'])
  commit({ 'graph/a/query.graphql': 'type Query { three: Int }' })
  expect(fieldsOf(await baseOf(folder, { base: 'main' })).fields).toEqual(['two'])
  const ci: CiRun = { deepen: '', base: { type: 'before', commit: first } }
  expect(fieldsOf(await baseOf(folder, { base: 'main', ci })).fields).toEqual(['one'])
  writeFiles(folder, { 'graph/a/query.graphql': 'type Query { four: Int }' })
  expect(fieldsOf(await baseOf(folder, { base: 'main' })).fields).toEqual(['three'])
  // What a build in CI writes into files is no change of ours.
  const unknown: CiRun = { deepen: '', base: { type: 'unknown' } }
  expect(fieldsOf(await baseOf(folder, { base: 'main', ci: unknown })).fields).toEqual(['two'])
  expect(fieldsOf(await baseOf(folder, { base: second })).fields).toEqual(['two'])
})

test('without a base CI names it: the commit before a push, the merge base of a pull request', async () => {
  const { folder, git, commit } = testRepository(FILES)
  const first = git('rev-parse', 'HEAD')
  commit({ 'graph/a/query.graphql': 'type Query { two: Int }' })
  git('checkout', '--quiet', '-b', 'feature')
  commit({ 'graph/a/query.graphql': 'type Query { three: Int }' })
  expect(await baseOf(folder)).toMatchObject({ type: 'none' })
  const push: CiRun = { deepen: '', base: { type: 'before', commit: first } }
  expect(fieldsOf(await baseOf(folder, { ci: push })).fields).toEqual(['one'])
  const request: CiRun = {
    deepen: '',
    base: { type: 'merge-base', refs: ['refs/remotes/origin/main', 'main'] },
  }
  expect(fieldsOf(await baseOf(folder, { ci: request })).fields).toEqual(['two'])
})

test('a shallow checkout is said, with the line that deepens it', async () => {
  const { folder, git, commit } = testRepository(FILES)
  const first = git('rev-parse', 'HEAD')
  commit({ 'x.txt': '1' })
  const clone = testFolder({})
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${folder}`, clone], { stdio: 'pipe' })
  const deepen = '`fetch-depth: 0` for actions/checkout'
  const push: CiRun = { deepen, base: { type: 'before', commit: first } }
  expect(await problemsOf(baseOf(clone, { ci: push }))).toEqual([
    { message: `The checkout is shallow and does not have ${first}`, expected: deepen, location: null },
  ])
  for (const base of ['main', 'origin/main', first]) {
    const [problem] = await problemsOf(baseOf(clone, { base }))
    expect(problem.message).toMatch(/^The checkout is shallow and does not have /)
    expect(problem.expected).toContain('`git fetch --deepen=1000`')
  }
})

test('a folder is read with its own configuration, and nothing outside of it', async () => {
  const { folder } = testRepository(FILES)
  const copy = testFolder({
    'supergraph.yaml': 'subgraphs:\n  a: { schema: { file: sdl.graphql } }\ncheck: { of: another version }\n',
    'sdl.graphql': 'type Query { old: Int }',
  })
  expect(fieldsOf(await baseOf(folder, { base: copy }))).toEqual({
    fields: ['old'],
    file: join(copy, 'sdl.graphql'),
  })
  writeFiles(copy, { 'supergraph.yaml': 'subgraphs:\n  a: { schema: { file: ../x.graphql } }\n' })
  const [problem] = await problemsOf(baseOf(folder, { base: copy }))
  expect(problem).toMatchObject({ message: `../x.graphql leads out of ${copy}` })
})

test('a supergraph file is a base whose API schema is as it was composed', async () => {
  const { folder } = testRepository({
    'supergraph.yaml': `subgraphs:
  a: { schema: { sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@inaccessible"]) type Query { one: Int two: Int @inaccessible }' } }
  b: { schema: { sdl: 'type Query { three: Int }' } }
`,
  })
  const workspace = await openWorkspace({ config: 'supergraph.yaml', folder })
  const config = await loadConfig('supergraph.yaml', workspace.tree)
  const composed = composeGraph('head', await readSubgraphs(config, workspace.tree))
  if (composed.type === 'failed') throw new Error('does not compose')
  writeFiles(folder, { 'supergraph.graphql': composed.graph.supergraphSdl })
  const base = await baseOf(folder, { base: 'supergraph.graphql', config: 'supergraph.yaml' })
  if (base.type !== 'supergraph') throw new Error(base.type)
  expect(printSchema(base.graph.apiSchema)).toBe(printSchema(composed.graph.apiSchema))
  expect(base.graph.subgraphs.map(({ name, files }) => [name, files])).toEqual([
    ['a', []],
    ['b', []],
  ])
})

test('a base older than the configuration is read as the configuration of today says, and that is said', async () => {
  const { folder, git, commit } = testRepository({ 'graph/a/query.graphql': 'type Query { one: Int }' })
  const first = git('rev-parse', 'HEAD')
  commit(FILES)
  const base = await baseOf(folder, { base: first })
  expect(fieldsOf(base).fields).toEqual(['one'])
  expect(base).toMatchObject({ notes: [expect.stringContaining('has no graph/supergraph.yaml')] })
  writeFiles(folder, {
    'graph/supergraph.yaml': `${CONFIG}  b: { schema: { file: b.graphql } }\n`,
    'graph/b.graphql': 'type Query { b: Int }',
  })
  const [problem] = await problemsOf(baseOf(folder, { base: first }))
  expect(problem).toMatchObject({ location: { line: 3 }, expected: expect.stringContaining('--base none') })
})

test('a subgraph that the base has is not missed in silence', async () => {
  const { folder } = testRepository({
    ...FILES,
    'graph/supergraph.yaml': `${CONFIG}  b: { schema: { file: b.graphql } }\n`,
    'graph/b.graphql': 'type Query { b: Int }',
  })
  writeFiles(folder, { 'graph/supergraph.yaml': CONFIG })
  expect(await problemsOf(baseOf(folder, { base: 'HEAD' }))).toMatchObject([
    { message: 'Subgraph b of HEAD is missing', expected: expect.stringContaining('removed_subgraphs: [b]') },
  ])
  writeFiles(folder, { 'graph/supergraph.yaml': `${CONFIG}check: { removed_subgraphs: [b] }\n` })
  expect(await baseOf(folder, { base: 'HEAD' })).toMatchObject({ type: 'subgraphs' })
})

test('a commit has the files that links lead to', async () => {
  const { folder, git, commit } = testRepository(FILES)
  rmSync(join(folder, 'graph/a/query.graphql'))
  writeFiles(folder, { 'real/query.graphql': 'type Query { linked: Int }' })
  symlinkSync('../../real/query.graphql', join(folder, 'graph/a/query.graphql'))
  commit()
  expect(readFileSync(join(folder, 'graph/a/query.graphql'), 'utf8')).toContain('linked')
  expect(fieldsOf(await baseOf(folder, { base: git('rev-parse', 'HEAD') })).fields).toEqual(['linked'])
  // A folder in front of the pattern, as where one team keeps its schemas elsewhere.
  rmSync(join(folder, 'graph/a'), { recursive: true })
  symlinkSync('../real', join(folder, 'graph/a'))
  expect(fieldsOf(await baseOf(folder, { base: commit() })).fields).toEqual(['linked'])
})

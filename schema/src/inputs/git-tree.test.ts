import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder, testRepository, writeFiles } from '../testing/test-repository.ts'
import type { FileTree } from './file-tree.ts'
import { openFolderTree, openWorkingTree } from './folder-tree.ts'
import { openGitTree } from './git-tree.ts'

const FILES = {
  'graph/own.graphql': 'own',
  'shared/common.graphql': 'common',
  'shared/deep/more.graphql': 'more',
}

/** A commit of these files and links, by their targets, and the same on disk. */
async function linked(links: Readonly<Record<string, string>>) {
  const { folder, commit } = testRepository(FILES)
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(folder, path))
  const tree = await openGitTree({ repository: folder, commit: commit(), name: 'before' })
  return { tree, disk: openWorkingTree(folder) }
}

/** What a pattern finds, as the texts by their paths. */
async function found(tree: FileTree, pattern: string) {
  const paths = await tree.list(pattern)
  return Promise.all(paths.map(async (path) => [path, (await tree.read(path))?.text]))
}

async function refusal(reading: Promise<unknown>): Promise<string | null> {
  return reading.then(
    () => null,
    (error) => error.message,
  )
}

test('a commit has what the same pattern finds on disk, behind links to folders too', async () => {
  const { tree, disk } = await linked({
    'graph/shared': '../shared',
    'graph/again': 'shared/deep',
    'graph/file.graphql': 'again/more.graphql',
    'graph/nothing': '../not-there',
  })
  for (const pattern of [
    'graph/**/*.graphql',
    'graph/shared/**/*.graphql',
    'graph/*.graphql',
    '**/more.graphql',
  ]) {
    const expected = await found(disk, pattern)
    expect(expected).not.toEqual([])
    expect({ pattern, found: await found(tree, pattern) }).toEqual({ pattern, found: expected })
  }
  for (const path of ['graph/again/more.graphql', 'graph/shared/common.graphql']) {
    const source = await tree.read(path)
    expect(source).toEqual({ path: `before:${path}`, text: (await disk.read(path))?.text })
  }
  expect(await tree.read('graph/nothing')).toBe(null)
  expect(await tree.read('graph/own.graphql/x')).toBe(null)
  expect(await refusal(tree.read('graph/shared'))).toContain('The path is that of a folder')
})

test('a link that leaves the repository is refused where a pattern or a path needs it, and nowhere else', async () => {
  const { tree } = await linked({ 'graph/out': '../../elsewhere', 'graph/abs.graphql': '/etc/abs.graphql' })
  const out = 'before:graph/out:1:1: The link leads out of the repository. Expected: '
  for (const pattern of ['graph/**/*.graphql', 'graph/out/*.graphql', 'graph/*/x']) {
    expect(await refusal(tree.list(pattern))).toContain(out)
  }
  expect(await refusal(tree.read('graph/out/x.graphql'))).toContain(out)
  expect(await refusal(found(tree, 'graph/abs.graphql'))).toContain(
    'before:graph/abs.graphql:1:1: The link leads out',
  )
  expect(await found(tree, 'shared/**/*.graphql')).toHaveLength(2)
  expect(await found(tree, 'graph/own.*')).toEqual([['graph/own.graphql', 'own']])
})

test('links that lead round in a circle are refused', async () => {
  const { tree } = await linked({
    'graph/up': '..',
    'shared/a': 'b',
    'shared/b': 'a',
    'shared/deep/x': '../../graph/y',
    'graph/y': '../shared/deep',
  })
  const circle = ':1:1: The link leads to itself, or to a folder that it stands in. Expected: '
  for (const pattern of ['graph/**/*.graphql', 'shared/deep/**/*.graphql', 'shared/*/*.graphql']) {
    expect(await refusal(tree.list(pattern))).toContain(circle)
  }
  expect(await refusal(tree.read('shared/a'))).toContain(`before:shared/a${circle}`)
  expect(await found(tree, 'graph/*.graphql')).toEqual([['graph/own.graphql', 'own']])
})

test('a submodule, whose files a commit does not have, is refused where a pattern needs it', async () => {
  const { folder, git } = testRepository(FILES)
  const other = testRepository({ 'x.graphql': 'x' })
  git('update-index', '--add', '--cacheinfo', `160000,${other.git('rev-parse', 'HEAD')},graph/sub`)
  git('commit', '--quiet', '--message', 'x')
  const tree = await openGitTree({ repository: folder, commit: git('rev-parse', 'HEAD'), name: 'before' })
  const message = 'before:graph/sub:1:1: The path is that of a submodule'
  expect(await refusal(tree.list('graph/**/*.graphql'))).toContain(message)
  expect(await refusal(tree.read('graph/sub/x.graphql'))).toContain(message)
  expect(await found(tree, 'graph/*.graphql')).toEqual([['graph/own.graphql', 'own']])
})

test('a copy of the sources reads nothing outside of itself through a link', async () => {
  const folder = testFolder(FILES)
  const outside = testFolder({ 'x.graphql': 'outside' })
  writeFiles(folder, { 'copy/own.graphql': 'own' })
  symlinkSync(outside, join(folder, 'copy/out'))
  symlinkSync('own.graphql', join(folder, 'copy/again.graphql'))
  const copy = openFolderTree(join(folder, 'copy'), 'copy')
  expect(await refusal(copy.read('out/x.graphql'))).toContain(
    'copy/out/x.graphql:1:1: The link leads out of copy',
  )
  expect((await copy.read('again.graphql'))?.text).toBe('own')
})

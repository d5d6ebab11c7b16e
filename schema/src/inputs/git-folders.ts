import { posix } from 'node:path'
import type { GlobOptions } from 'tinyglobby'
import { CannotCheckError, type Problem, wholeFile } from '../model/cannot-check.ts'

export const SYMLINK = '120000'
const SUBMODULE = '160000'
/** More links after each other than any file system follows. */
const MAX_LINKS = 40

export type GitEntry = { readonly mode: string; readonly object: string }

/** What an entry of a folder is, links followed; `refused` where a commit does not have what it leads to. */
type Kind = 'file' | 'folder' | 'nothing' | 'refused'

/**
 * The folders of a commit, with what links lead to, so that a path and a pattern mean the same in a commit and on disk.
 * @param targets of the links, by their paths
 */
export function createGitFolders(
  entries: ReadonlyMap<string, GitEntry>,
  targets: ReadonlyMap<string, string>,
  name: string,
) {
  const folders = childrenByFolder(entries.keys())

  function refuse(path: string, message: string, expected: string): never {
    throw new CannotCheckError([{ message, expected, location: wholeFile(`${name}:${path}`) }])
  }

  /** The path without links. @throws CannotCheckError where it leads to what the commit cannot have */
  function follow(path: string): string {
    const waiting = path.split('/')
    let [current, link, links] = ['.', path, 0]
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const next = posix.join(current, part)
      if (next === '..') return refuse(link, ...LEADS_OUT)
      if (entries.get(next)?.mode === SUBMODULE) return refuse(next, ...SUBMODULE_FOUND)
      const target = targets.get(next)
      if (target === undefined) {
        current = next
        continue
      }
      link = next
      links += 1
      if (posix.isAbsolute(target)) return refuse(link, ...LEADS_OUT)
      if (links > MAX_LINKS) return refuse(path, ...CIRCLE)
      waiting.unshift(...target.split('/'))
    }
    return current
  }

  function isFolder(path: string): boolean {
    return folders.has(path.replace(/\/$/, ''))
  }

  function kindOf(path: string): Kind {
    try {
      const real = follow(path)
      return isFolder(real) ? 'folder' : entries.has(real) ? 'file' : 'nothing'
    } catch {
      return 'refused'
    }
  }

  function childrenOf(path: string): readonly (readonly [string, Kind])[] {
    const real = follow(path)
    const parents = parentsOf(path).map(follow)
    if (parents.includes(real)) refuse(path, ...CIRCLE)
    return [...(folders.get(real) ?? [])].map((child) => [child, kindOf(posix.join(path, child))])
  }

  /** What `glob` asks a file system for, and what it has met that is refused: glob itself goes on after errors. */
  function walk() {
    const problems: Problem[] = []
    function readdir(path: string, _options: unknown, done: (error: unknown, found: unknown) => void) {
      let children: ReturnType<typeof childrenOf> = []
      try {
        children = childrenOf(posix.relative('/', path) || '.')
      } catch (error) {
        if (!(error instanceof CannotCheckError)) return done(error, null)
        problems.push(...error.problems)
      }
      // What is refused may be a file or a folder: it matters only where the pattern wants it as either.
      const found = children.flatMap(([child, kind]) => [
        ...(kind === 'file' || kind === 'refused' ? [dirent(child, 'file')] : []),
        ...(kind === 'folder' || kind === 'refused' ? [dirent(child, 'folder')] : []),
      ])
      process.nextTick(done, null, found)
    }
    return {
      // It is called as Node's own with `withFileTypes`, and in no other way.
      fs: { readdir } as unknown as NonNullable<GlobOptions['fs']>,
      refuse() {
        if (problems.length > 0) throw new CannotCheckError(problems)
      },
    }
  }

  return { follow, isFolder, walk }
}

const LEADS_OUT = [
  'The link leads out of the repository',
  'a link inside the repository, a pattern that leaves it out, or a folder as the base',
] as const
const CIRCLE = [
  'The link leads to itself, or to a folder that it stands in',
  'a link to another file or folder, or a pattern that leaves it out',
] as const
const SUBMODULE_FOUND = [
  'The path is that of a submodule',
  'files of the repository itself, a pattern that leaves it out, or a folder as the base',
] as const

function dirent(name: string, kind: 'file' | 'folder') {
  return {
    name,
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'folder',
    isSymbolicLink: () => false,
  }
}

/** `a`, and `.`, of `a/b`. */
function parentsOf(path: string): readonly string[] {
  if (path === '.') return []
  const parent = posix.dirname(path)
  return [parent, ...parentsOf(parent)]
}

function childrenByFolder(paths: Iterable<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>([['.', new Set()]])
  for (const path of paths) {
    let child = path
    while (child !== '.') {
      const parent = posix.dirname(child)
      const known = folders.get(parent)
      const children = known ?? new Set<string>()
      folders.set(parent, children)
      children.add(posix.basename(child))
      if (known !== undefined && parent !== '.') break
      child = parent
    }
  }
  return folders
}

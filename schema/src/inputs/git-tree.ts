import { posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type GlobOptions, glob } from 'tinyglobby'
import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { SourceFile } from '../model/source.ts'
import { decodeText, type FileTree, IGNORED } from './file-tree.ts'
import { git } from './git.ts'

const SYMLINK = '120000'
const SUBMODULE = '160000'
/** More links after each other than any file system follows. */
const MAX_LINKS = 40

type Entry = { readonly mode: string; readonly object: string }

/** The files of a commit. @param options.name is how people name it, such as `origin/main` */
export async function openGitTree(options: {
  readonly repository: string
  readonly commit: string
  readonly name: string
}): Promise<FileTree> {
  const { repository, name } = options
  const entries = await listEntries(options)
  const fs = createFolders(entries)
  const readObject = createObjectReader(repository)

  async function read(path: string, links = 0): Promise<SourceFile | null> {
    const normal = posix.normalize(path)
    const shown = `${name}:${normal}`
    if (normal.startsWith('../') || posix.isAbsolute(normal)) {
      return cannotCheck(
        `${path} leads out of the repository, so ${name} does not have it`,
        'a path inside the repository, or a folder as the base',
        wholeFile(path),
      )
    }
    const entry = entries.get(normal)
    if (entry === undefined) {
      if (!fs.isFolder(normal)) return null
      return cannotCheck(
        'The path is that of a folder',
        `a file, or a pattern such as ${posix.join(normal, '**/*')}`,
        wholeFile(shown),
      )
    }
    if (entry.mode === SUBMODULE) {
      return cannotCheck(
        'The path is that of a submodule',
        'a file of the repository itself',
        wholeFile(shown),
      )
    }
    const bytes = await readObject(entry.object)
    if (entry.mode !== SYMLINK) return decodeText(shown, bytes)
    if (links >= MAX_LINKS) return cannotCheck('The link leads to itself', 'a file', wholeFile(shown))
    return read(posix.join(posix.dirname(normal), bytes.toString('utf8')), links + 1)
  }

  return {
    name,
    read: (path) => read(path),
    async list(pattern) {
      const paths = await glob(pattern, {
        cwd: '/',
        ignore: IGNORED,
        expandDirectories: false,
        followSymbolicLinks: false,
        fs: fs.adapter,
      })
      return paths.toSorted()
    },
  }
}

async function listEntries(options: {
  readonly repository: string
  readonly commit: string
  readonly name: string
}): Promise<ReadonlyMap<string, Entry>> {
  const answer = await git(options.repository, ['ls-tree', '-r', '-z', '--full-tree', options.commit])
  if (!answer.ok) {
    return cannotCheck(
      `The files of ${options.name} cannot be listed: ${answer.complaint}`,
      'a commit that is complete',
    )
  }
  const entries = new Map<string, Entry>()
  for (const line of answer.output.toString('utf8').split('\0')) {
    const tab = line.indexOf('\t')
    if (tab === -1) continue
    const [mode = '', , object = ''] = line.slice(0, tab).split(' ')
    entries.set(line.slice(tab + 1), { mode, object })
  }
  return entries
}

/** The objects that are asked for in one turn are read by one process. */
function createObjectReader(repository: string): (object: string) => Promise<Buffer> {
  let wanted: Set<string> | null = null
  let batch: Promise<ReadonlyMap<string, Buffer>> = Promise.resolve(new Map())

  async function readBatch(objects: Set<string>): Promise<ReadonlyMap<string, Buffer>> {
    await setImmediate()
    wanted = null
    const answer = await git(repository, ['cat-file', '--batch'], `${[...objects].join('\n')}\n`)
    if (!answer.ok) {
      return cannotCheck(`git cannot read its files: ${answer.complaint}`, 'a repository that is complete')
    }
    return splitBatch(answer.output)
  }

  return async function readObject(object) {
    if (wanted === null) {
      wanted = new Set()
      batch = readBatch(wanted)
    }
    wanted.add(object)
    const bytes = (await batch).get(object)
    return (
      bytes ??
      cannotCheck(`git does not have the file with the id ${object}`, 'a repository that is complete')
    )
  }
}

/** Each answer is a line of id, type and size, the bytes, and a line break; `ID missing` alone where there is none. */
function splitBatch(output: Buffer): ReadonlyMap<string, Buffer> {
  const objects = new Map<string, Buffer>()
  let position = 0
  while (position < output.length) {
    const end = output.indexOf('\n', position)
    const [id = '', , size] = output.toString('utf8', position, end).split(' ')
    position = end + 1
    if (size === undefined) continue
    objects.set(id, output.subarray(position, position + Number(size)))
    position += Number(size) + 1
  }
  return objects
}

/** What `glob` asks a file system for, so that a pattern means the same in a commit and on disk. */
function createFolders(entries: ReadonlyMap<string, Entry>) {
  const folders = new Map<string, Map<string, 'file' | 'folder'>>([['.', new Map()]])
  for (const path of entries.keys()) {
    let child = path
    let kind: 'file' | 'folder' = 'file'
    while (child !== '.') {
      const parent = posix.dirname(child)
      const known = folders.get(parent)
      const children = known ?? new Map<string, 'file' | 'folder'>()
      folders.set(parent, children)
      children.set(posix.basename(child), kind)
      if (known !== undefined && parent !== '.') break
      child = parent
      kind = 'folder'
    }
  }

  function readdir(path: string, _options: unknown, done: (error: Error | null, found: unknown) => void) {
    const folder = posix.relative('/', path) || '.'
    const children = folders.get(folder) ?? new Map<string, 'file' | 'folder'>()
    const found = [...children].map(([name, kind]) => ({
      name,
      isFile: () => kind === 'file',
      isDirectory: () => kind === 'folder',
      isSymbolicLink: () => false,
    }))
    process.nextTick(done, null, found)
  }

  // It is called as Node's own with `withFileTypes`, and in no other way.
  const adapter = { readdir } as unknown as NonNullable<GlobOptions['fs']>
  return { adapter, isFolder: (path: string) => path === '.' || folders.has(path.replace(/\/$/, '')) }
}

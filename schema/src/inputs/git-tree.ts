import { posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { glob } from 'tinyglobby'
import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { SourceFile } from '../model/source.ts'
import { decodeText, type FileTree, IGNORED } from './file-tree.ts'
import { git } from './git.ts'
import { createGitFolders, type GitEntry, SYMLINK } from './git-folders.ts'

/** The files of a commit. @param options.name is how people name it, such as `origin/main` */
export async function openGitTree(options: {
  readonly repository: string
  readonly commit: string
  readonly name: string
}): Promise<FileTree> {
  const { repository, name } = options
  const entries = await listEntries(options)
  const readObject = createObjectReader(repository)
  const links = [...entries].filter(([, { mode }]) => mode === SYMLINK)
  const targets = await Promise.all(
    links.map(
      async ([path, { object }]): Promise<[string, string]> => [
        path,
        (await readObject(object)).toString('utf8'),
      ],
    ),
  )
  const folders = createGitFolders(entries, new Map(targets), name)

  async function read(path: string): Promise<SourceFile | null> {
    const normal = posix.normalize(path)
    if (normal.startsWith('../') || posix.isAbsolute(normal)) {
      return cannotCheck(
        `${path} leads out of the repository, so ${name} does not have it`,
        'a path inside the repository, or a folder as the base',
        wholeFile(path),
      )
    }
    const shown = `${name}:${normal}`
    const real = folders.follow(normal)
    const entry = entries.get(real)
    if (entry !== undefined) return decodeText(shown, await readObject(entry.object))
    if (!folders.isFolder(real)) return null
    return cannotCheck(
      'The path is that of a folder',
      `a file, or a pattern such as ${posix.join(normal, '**/*')}`,
      wholeFile(shown),
    )
  }

  return {
    name,
    read,
    async list(pattern) {
      const { fs, refuse } = folders.walk()
      const paths = await glob(pattern, { cwd: '/', ignore: IGNORED, expandDirectories: false, fs })
      refuse()
      return paths.toSorted()
    },
  }
}

async function listEntries(options: {
  readonly repository: string
  readonly commit: string
  readonly name: string
}): Promise<ReadonlyMap<string, GitEntry>> {
  const answer = await git(options.repository, ['ls-tree', '-r', '-z', '--full-tree', options.commit])
  if (!answer.ok) {
    return cannotCheck(
      `The files of ${options.name} cannot be listed: ${answer.complaint}`,
      'a commit that is complete',
    )
  }
  const entries = new Map<string, GitEntry>()
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

import { readFile, realpath } from 'node:fs/promises'
import { isAbsolute, posix, relative, resolve } from 'node:path'
import { isRecord } from '@bulkhead/service/json'
import { glob } from 'tinyglobby'
import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { SourceFile } from '../model/source.ts'
import { decodeText, type FileTree, IGNORED } from './file-tree.ts'

/** The files as they are on disk, committed or not. It may read beside its root. */
export function openWorkingTree(root: string): FileTree {
  return openFolder({ root, name: 'the working tree', shown: (path) => path, confined: false })
}

/**
 * A copy of the sources to compare with. It reads nothing outside of itself: a path that leads out of it would lead to
 * the files that it is compared with.
 */
export function openFolderTree(root: string, name: string): FileTree {
  return openFolder({ root, name, shown: (path) => posix.join(name, path), confined: true })
}

function openFolder(options: {
  readonly root: string
  readonly name: string
  readonly shown: (path: string) => string
  readonly confined: boolean
}): FileTree {
  const { root, name, shown, confined } = options

  function isOutside(path: string): boolean {
    return confined && (isAbsolute(path) || /^\.\.(\/|$)/.test(posix.normalize(path)))
  }

  function refuseOutside(path: string): void {
    if (isOutside(path)) {
      cannotCheck(`${path} leads out of ${name}`, `a path inside ${name}`, wholeFile(path))
    }
  }

  return {
    name,
    async read(path): Promise<SourceFile | null> {
      refuseOutside(path)
      try {
        const file = resolve(root, path)
        if (confined && isOutside(relative(await realpath(root), await realpath(file)))) {
          return cannotCheck(`The link leads out of ${name}`, `a path inside ${name}`, wholeFile(shown(path)))
        }
        return decodeText(shown(path), await readFile(file))
      } catch (error) {
        const code = isRecord(error) ? error.code : undefined
        if (code === 'ENOENT' || code === 'ENOTDIR') return null
        if (code === 'EISDIR') {
          return cannotCheck(
            'The path is that of a folder',
            `a file, or a pattern such as ${posix.join(path, '**/*')}`,
            wholeFile(shown(path)),
          )
        }
        if (typeof code !== 'string') throw error
        return cannotCheck(
          `The file cannot be read (${code})`,
          'a file that this process may read',
          wholeFile(shown(path)),
        )
      }
    },
    async list(pattern) {
      refuseOutside(pattern)
      const paths = await glob(pattern, { cwd: root, ignore: IGNORED, expandDirectories: false })
      return paths.map((path) => (isAbsolute(path) ? relative(root, path) : path)).toSorted()
    },
  }
}

import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { FileTree } from './file-tree.ts'

/** What was read of a working tree: to know when it has changed. */
export type RecordedReads = {
  /** The tree, which writes down what is asked of it. */
  record(tree: FileTree, root: string): FileTree
  /** A text that changes when one of the files does, or when a pattern matches others. */
  state(): Promise<string>
}

export function createRecordedReads(): RecordedReads {
  const files = new Set<string>()
  const lists = new Map<string, () => Promise<readonly string[]>>()
  return {
    record(tree, root) {
      return {
        name: tree.name,
        read(path) {
          files.add(resolve(root, path))
          return tree.read(path)
        },
        list(pattern) {
          lists.set(pattern, () => tree.list(pattern))
          return tree.list(pattern)
        },
      }
    },

    async state() {
      const versions = await Promise.all([...files].toSorted().map(versionOf))
      const matches = await Promise.all([...lists.values()].map((list) => list()))
      return JSON.stringify([versions, matches])
    },
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(path)
    return `${path} ${mtimeMs} ${size}`
  } catch {
    return path
  }
}

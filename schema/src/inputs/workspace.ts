import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { cannotCheck, wholeFile } from '../model/cannot-check.ts'
import type { FileTree } from './file-tree.ts'
import { openWorkingTree } from './folder-tree.ts'
import { repositoryRoot } from './git.ts'

/**
 * Where a check works: the repository of its configuration; outside of any the current folder, or that of the
 * configuration where that is elsewhere.
 */
export type Workspace = {
  /** Absolute. */
  readonly root: string
  readonly isRepository: boolean
  readonly tree: FileTree
  /** Relative to the root. */
  readonly configPath: string
}

/** @param options.config a path as a person gives it, relative to `folder` */
export async function openWorkspace(options: {
  readonly config: string
  readonly folder: string
}): Promise<Workspace> {
  const { config, folder } = options
  const path = resolve(folder, config)
  let configFolder: string
  try {
    configFolder = await realpath(dirname(path))
  } catch {
    return cannotCheck(`There is no file ${config}`, 'the path of the configuration file', wholeFile(config))
  }
  const repository = await repositoryRoot(configFolder)
  const current = await realpath(folder)
  const isBelow = !relative(current, configFolder).startsWith('..')
  const root = repository ?? (isBelow ? current : configFolder)
  const configPath = relative(root, join(configFolder, basename(path))).replaceAll(sep, '/')
  return { root, isRepository: repository !== null, tree: openWorkingTree(root), configPath }
}

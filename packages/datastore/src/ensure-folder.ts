import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and every level above it that is missing. Level by level, because `mkdirSync` with `recursive`
 * never returns in Node 24 where a level cannot be made although its parent is there, as below `/proc`.
 * @throws the system's error (EACCES, ENOTDIR, ENOENT, …) of the level that cannot be made
 */
export function ensureFolder(path: string): void {
  const missing: string[] = []
  for (let level = resolve(path); !isFolder(level); level = dirname(level)) missing.unshift(level)
  for (const level of missing) {
    try {
      mkdirSync(level)
    } catch (error) {
      // Another process may have been faster.
      if (!isFolder(level)) throw error
    }
  }
}

function isFolder(path: string): boolean {
  // The root always exists. If it cannot be read, making the level below it fails with the reason.
  if (path === dirname(path)) return true
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

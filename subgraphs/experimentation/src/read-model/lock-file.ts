import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { ReadModelLockedError } from './errors.ts'

/**
 * DuckDB keeps a second process from a file, but opens it twice within one process, threads included, and then loses
 * writes without an error. So whoever opens the file holds a file beside it, which names the process and its start: a
 * process that was killed leaves it behind, and the next one may have the same number, as in a container.
 */
const SELF = `${process.pid} ${performance.timeOrigin}`

/** @returns what gives it up @throws ReadModelLockedError where it is held */
export function takeLock(path: string): () => void {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (create(path)) return () => rmSync(path, { force: true })
    if (!removeStale(path)) break
  }
  throw new ReadModelLockedError(
    `${path} is held by this process or another one. If there is no other one, delete the file`,
  )
}

function create(path: string): boolean {
  try {
    writeFileSync(path, SELF, { flag: 'wx' })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Whether the lock is gone. */
function removeStale(path: string): boolean {
  const holder = read(path)
  if (holder === null) return true
  if (isHeld(holder)) return false
  const aside = `${path}.${process.pid}.${performance.now()}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true
    throw error
  }
  const isTheOneRead = read(aside) === holder
  // Somebody else took it over between the two: give it back.
  if (!isTheOneRead) linkSync(aside, path)
  rmSync(aside, { force: true })
  return isTheOneRead
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

function isHeld(holder: string): boolean {
  if (holder === SELF) return true
  const pid = Number(holder.split(' ')[0])
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

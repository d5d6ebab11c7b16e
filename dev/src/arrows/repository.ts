import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isCode } from './imports.ts'
import type { Files } from './resolve.ts'

/** Every file that git knows or would take in; of those that the check does not read, only the path. */
export function readRepository(root: string): Files {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const files = new Map<string, string>()
  for (const path of listed.split('\0')) {
    // Git lists a file that was deleted until the deletion is staged.
    if (path === '' || !existsSync(join(root, path))) continue
    const isRead = isCode(path) || basename(path) === 'package.json'
    files.set(path, isRead ? readFileSync(join(root, path), 'utf8') : '')
  }
  return files
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

type Files = Readonly<Record<string, string | Uint8Array>>

const AUTHOR = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']

/** A new folder with these files, removed after the test. */
export function testFolder(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-schema-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFiles(folder, files)
  return folder
}

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** A new git repository with one commit of these files on `main`. */
export function testRepository(files: Files) {
  const folder = testFolder(files)
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, ...AUTHOR, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
  /** Writes, and commits everything. @returns the id of the commit */
  const commit = (changed: Files = {}) => {
    writeFiles(folder, changed)
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--message', 'x')
    return git('rev-parse', 'HEAD')
  }
  git('init', '--quiet', '--initial-branch', 'main')
  commit()
  return { folder, git, commit }
}

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureFolder } from './ensure-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('every missing level is made, and a folder that is there stays', () => {
  const path = join(folder, 'deep', 'er')
  ensureFolder(path)
  writeFileSync(join(path, 'kept'), '')
  ensureFolder(path)
  expect(statSync(join(path, 'kept')).isFile()).toBe(true)
})

test('a link to a folder is a folder', () => {
  mkdirSync(join(folder, 'real'))
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  ensureFolder(join(folder, 'link', 'x'))
  expect(statSync(join(folder, 'real', 'x')).isDirectory()).toBe(true)
})

test('a file, or a link to nowhere, in the place of a folder is an error', () => {
  writeFileSync(join(folder, 'file'), '')
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  for (const path of ['file', 'file/x', 'link', 'link/x'])
    expect(() => ensureFolder(join(folder, path))).toThrow(/EEXIST|ENOTDIR|ENOENT/)
})

test('opening a database below /proc fails instead of hanging: recursive mkdir spins there in Node 24', () => {
  const module = new URL('./sqlite/open.ts', import.meta.url)
  const script = `import { openSqlite } from '${module}'; openSqlite('/proc/none/x/x.db', [])`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 10_000,
    encoding: 'utf8',
  })
  expect(child.error).toBeUndefined()
  expect(child.stderr).toContain('DatastoreStartupError: cannot open SQLite database /proc/none/x/x.db')
})

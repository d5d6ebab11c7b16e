import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const NPMRC = fileURLToPath(new URL('../../.npmrc', import.meta.url))
const DEPENDENCY = { name: 'gadget', version: '1.0.0' }

/** A project with our `.npmrc` and one dependency, which is a folder, so that no registry is needed. */
let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'bulkhead-npm-config-'))
  copyFileSync(NPMRC, join(project, '.npmrc'))
  mkdirSync(join(project, 'gadget'))
  write('package.json', { name: 'project', dependencies: { gadget: 'file:./gadget' } })
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

function write(path: string, content: unknown): void {
  writeFileSync(join(project, path), JSON.stringify(content))
}

function npm(...args: string[]) {
  return spawnSync('npm', [...args, '--offline'], {
    cwd: project,
    // A home of its own, so that the npm settings of whoever runs the tests do not count.
    env: { PATH: process.env.PATH, HOME: project },
    encoding: 'utf8',
  })
}

/** `npm ci`, with a lock file that npm wrote for this dependency. */
function ciWith(dependency: object) {
  write('gadget/package.json', { ...DEPENDENCY, ...dependency })
  npm('install', '--package-lock-only')
  return npm('ci')
}

test('npm ci says nothing of packages that want a newer Node than the one npm runs on', () => {
  expect(ciWith({ engines: { node: '>=999' } })).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('added 1 package'),
  })
})

test('npm ci says which install script failed, and why', () => {
  const script = `node -e "console.error('no compiler'); process.exit(3)"`
  const { status, stderr } = ciWith({ scripts: { postinstall: script } })
  expect(status).toBe(3)
  expect(stderr).toContain('no compiler')
  expect(stderr).toContain('gadget')
})

test('npm ci refuses a lock file out of step, and says how', () => {
  write('gadget/package.json', DEPENDENCY)
  write('package-lock.json', { name: 'project', lockfileVersion: 3, packages: { '': { name: 'project' } } })
  const { status, stderr } = npm('ci')
  expect(status).toBe(1)
  expect(stderr).toContain('Missing: gadget@1.0.0 from lock file')
})

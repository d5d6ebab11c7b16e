import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
/** All but `lint`, which is two checks one after the other and starts nothing that could be left behind. */
const { lint: _, ...programs } = scripts
const OWN_PROGRAMS = Object.values(programs).filter((script) => /\.ts( |$)/.test(script))

test('every npm script is one command, so that a signal to npm reaches the program and not only a shell', () => {
  expect(Object.values(programs).filter((script) => /[;&|]/.test(script))).toEqual([])
})

test('every program of ours checks the version of Node before it is loaded', () => {
  expect(OWN_PROGRAMS.length).toBeGreaterThan(5)
  const unchecked = OWN_PROGRAMS.filter((script) => !script.startsWith('node --import ./dev/check-node.mjs '))
  expect(unchecked).toEqual([])
})

test('an old Node is told in one line what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-old-node-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const oldNode = join(folder, 'old-node.cjs')
  writeFileSync(
    oldNode,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.9.0' } })\n",
  )
  const [, ...args] = scripts.start?.split(' ') ?? []
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', oldNode, ...args, '--help'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(/^Bulkhead runs on Node 24.* but this is Node 20\.9\.0: run `npm ci`.*\n$/)
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const COUNT_TESTS = fileURLToPath(new URL('../../.ci/count-tests.ts', import.meta.url))
const REPORTS = [...readFileSync(COUNT_TESTS, 'utf8').matchAll(/'([\w-]+\.json)': /g)].map(
  ([, name = '']) => name,
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-reports-'))
  for (const name of REPORTS) plant(name, 500, 'a suite on mongodb works')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function plant(name: string, count: number, fullName: string, status = 'passed') {
  const assertionResults = Array.from({ length: count }, () => ({ fullName, status }))
  writeFileSync(join(folder, name), JSON.stringify({ testResults: [{ assertionResults }] }))
}

function countTests(...args: string[]) {
  const { status, stderr } = spawnSync(process.execPath, [COUNT_TESTS, '--reports', folder, ...args], {
    encoding: 'utf8',
  })
  return { status, stderr }
}

test('a full set of reports passes', () => {
  expect(REPORTS).toContain('e2e-e2e.json')
  expect(countTests('--require-mongodb')).toEqual({ status: 0, stderr: '' })
})

test.each(['schema-test.json', 'e2e-e2e.json'])('a workspace that wrote no report (%s) fails', (name) => {
  rmSync(join(folder, name))
  expect(countTests()).toEqual({ status: 1, stderr: expect.stringContaining(`${name}: was not written`) })
})

test.each(['datastore-test.json', 'experimentation-test.json', 'personalization-test.json', 'e2e-e2e.json'])(
  'MongoDB left out of %s fails where it is required, however much the others ran',
  (name) => {
    plant(name, 500, 'a suite on sqlite works')
    expect(countTests()).toMatchObject({ status: 0 })
    expect(countTests('--require-mongodb')).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        new RegExp(`^${name}: only 0 of at least \\d+ tests passed on MongoDB\\n$`),
      ),
    })
  },
)

test.each([
  ['failed tests', 'gateway-test.json', 'failed', 'tests failed'],
  ['skipped tests only', 'gateway-test.json', 'skipped', 'no test passed'],
  ['an unknown report', 'new-test.json', 'passed', 'enter it there'],
])('%s fail', (_, name, status, message) => {
  plant(name, 3, 'it works', status)
  expect(countTests()).toEqual({ status: 1, stderr: expect.stringContaining(message) })
})

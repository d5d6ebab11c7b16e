import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verifyDevelopmentToken } from '@bulkhead/gateway/identity/development-token'
import { afterAll, expect, test } from 'vitest'
import { loadDevelopmentSecrets } from './secrets.ts'

const PROGRAM = fileURLToPath(new URL('token.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-token-'))
afterAll(() => rmSync(folder, { recursive: true }))

function run(args: readonly string[], env: Record<string, string> = {}) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, DATA_DIR: folder, ...env },
    encoding: 'utf8',
  })
  return { stdout, stderr, status }
}

async function claimsOf(stdout: string): Promise<unknown> {
  const { tokenSecret } = loadDevelopmentSecrets(folder)
  return verifyDevelopmentToken(stdout.trim(), tokenSecret, new Date())
}

test('the token is of the user, lasts an hour, and has the scopes of a person', async () => {
  const { stdout, stderr, status } = run(['bob'])
  expect([stderr, status]).toEqual(['', 0])
  const claims = await claimsOf(stdout)
  expect(claims).toMatchObject({ sub: 'bob', scope: expect.stringContaining('experiments:review') })
  expect(claims).not.toMatchObject({ scope: expect.stringContaining('users:any') })
  const { exp } = claims as { exp: number }
  expect(Math.abs(exp - Date.now() / 1_000 - 3_600)).toBeLessThan(60)
})

test('it has the scopes that were asked for, or none', async () => {
  expect(await claimsOf(run(['shop', '--scopes', 'users:any,models:read']).stdout)).toMatchObject({
    scope: 'users:any models:read',
  })
  expect(await claimsOf(run(['ann', '--scopes', '']).stdout)).toMatchObject({ scope: '' })
})

test('the service of development has a token for its events', () => {
  const { stdout, status } = run(['shop', '--events'])
  expect([stdout, status]).toEqual([`${loadDevelopmentSecrets(folder).shopToken}\n`, 0])
})

test.each([
  [['bob', '--events'], {}, 'the only service is shop'],
  [['shop', '--events', '--scopes', ''], {}, '--events takes no scopes'],
  [['bob', '--scopes', 'admin'], {}, 'There is no scope admin'],
  [[], {}, "missing required argument 'user'"],
  [['bob', 'ann'], {}, 'unexpected "ann"'],
  [['bob'], { npm_config_scopes: 'x' }, 'npm took --scopes for itself'],
  [['bob'], { DATA_DIR: '/dev/null/x' }, 'set DATA_DIR'],
])('%j is refused in one line', (args, env, message) => {
  const { stdout, stderr, status } = run(args, env)
  expect([stdout, status]).toEqual(['', 1])
  expect(stderr).toContain(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

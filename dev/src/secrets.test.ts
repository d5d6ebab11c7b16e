import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePrivateKey, parsePublicKeys, readSnapshot, signSnapshot } from '@bulkhead/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadDevelopmentSecrets, SECRETS_FILE } from './secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('secrets are made once, for the owner only, and stay the same', () => {
  const made = loadDevelopmentSecrets(folder)
  expect(statSync(join(folder, SECRETS_FILE)).mode & 0o777).toBe(0o600)
  expect(loadDevelopmentSecrets(folder)).toEqual(made)
})

test('each of them is marked as a development secret', () => {
  const { signingKey, publicKey, identityKey, ...marked } = loadDevelopmentSecrets(folder)
  expect(Object.values(marked).every((secret) => secret.startsWith('dev-'))).toBe(true)
})

test('what one half of the key pair signs, the other verifies', () => {
  const { signingKeyId, signingKey, publicKey } = loadDevelopmentSecrets(folder)
  const unsigned = {
    version: 1,
    publishedAt: '2026-01-01T00:00:00.000Z',
    layers: [],
    holdouts: [],
    experiments: [],
    decisions: [],
  }
  const signed = signSnapshot(unsigned, { keyId: signingKeyId, privateKey: parsePrivateKey(signingKey) })
  expect(readSnapshot(signed, parsePublicKeys(`${signingKeyId}:${publicKey}`))).toMatchObject({
    type: 'snapshot',
  })
})

test('a file of an earlier release keeps its secrets and gets those that it lacks', () => {
  const { identityKeyId, identityKey, tokenSecret, ...earlier } = loadDevelopmentSecrets(folder)
  const path = join(folder, SECRETS_FILE)
  writeFileSync(path, JSON.stringify({ ...earlier, ofALaterRelease: 'x' }))
  const completed = loadDevelopmentSecrets(folder)
  expect(completed).toMatchObject(earlier)
  expect(Object.keys(completed)).toEqual(
    expect.arrayContaining(['identityKeyId', 'identityKey', 'tokenSecret']),
  )
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(loadDevelopmentSecrets(folder)).toEqual(completed)
  expect(JSON.parse(readFileSync(path, 'utf8')).ofALaterRelease).toBe('x')
})

test('a file without the key of the stored snapshots is damaged, not completed', () => {
  const { signingKey, ...others } = loadDevelopmentSecrets(folder)
  writeFileSync(join(folder, SECRETS_FILE), JSON.stringify(others))
  expect(() => loadDevelopmentSecrets(folder)).toThrow('damaged')
})

test('a damaged file is refused, not replaced: the stored snapshots were signed with its key', () => {
  writeFileSync(join(folder, SECRETS_FILE), '{')
  expect(() => loadDevelopmentSecrets(folder)).toThrow('damaged')
})

test('a data folder that cannot be made says which setting to change', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  chmodSync(file, 0o600)
  expect(() => loadDevelopmentSecrets(join(file, 'data'))).toThrow('DATA_DIR')
})

test('a data folder below /proc is refused instead of hanging: recursive mkdir spins there in Node 24', () => {
  const module = new URL('secrets.ts', import.meta.url)
  const script = `import { loadDevelopmentSecrets } from '${module}'; loadDevelopmentSecrets('/proc/none/x')`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 10_000,
    encoding: 'utf8',
  })
  expect(child.error).toBeUndefined()
  expect(child.stderr).toContain('set DATA_DIR to one that is')
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startGatewayProcess } from '../testing/gateway-process.ts'
import { readManifest } from './manifest.ts'

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-manifest-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(content: unknown): string {
  const path = join(folder, 'manifest.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function one(overrides: object = {}): object {
  return { id: 'a', name: 'A', type: 'query', body: '{ a }', ...overrides }
}

function manifest(...operations: object[]): object {
  return {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations,
  }
}

test('a manifest has documents by id', () => {
  expect(readManifest(write(manifest(one(), one({ id: 'b', body: '{ b }' }))))).toEqual(
    new Map([
      ['a', '{ a }'],
      ['b', '{ b }'],
    ]),
  )
})

test.each([
  ['no JSON', '{'],
  ['another format', { ...manifest(), format: 'relay' }],
  ['another version', { ...manifest(), version: 2 }],
  ['an operation without a body', manifest(one({ body: undefined }))],
  ['one id for two documents', manifest(one(), one({ body: '{ b }' }))],
])('%s is refused in one line that names the file', (_name, content) => {
  const path = write(content)
  let message = ''
  try {
    readManifest(path)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain(path)
  expect(message).not.toContain('\n')
})

test('a broken manifest refuses the start in one line', async () => {
  const supergraph = new URL('../../../schema/supergraph.graphql', import.meta.url).pathname
  const { ended, stderr } = startGatewayProcess(['--supergraph', supergraph, '--port', '0'], {
    PERSISTED_OPERATIONS_MANIFEST: join(folder, 'nowhere.json'),
  })
  expect(await ended).toBe(1)
  expect(stderr()).toMatch(/^gateway: PERSISTED_OPERATIONS_MANIFEST: .*nowhere\.json.*\n$/)
})

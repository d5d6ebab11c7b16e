import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beginFortnight } from './demo/clock.ts'
import { loadDevelopmentSecrets } from './secrets.ts'

const DEMO_RESET = fileURLToPath(new URL('demo-reset.ts', import.meta.url))

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-demo-reset-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

async function demoReset(...args: string[]) {
  const child = spawn(process.execPath, [DEMO_RESET, ...args], {
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATA_DIR: dataDir },
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await exited, out, err }
}

function open(name: string) {
  return openSqlite(join(dataDir, name), [])
}

/** Runs while an HTTP server answers as a gateway would. */
async function answering(run: (port: number) => Promise<void>) {
  const server = createServer((_, response) => response.end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    await run(typeof address === 'object' && address !== null ? address.port : 0)
  } finally {
    server.close()
  }
}

test('both databases, the secrets and the time of the demo are deleted, and nothing else', async () => {
  loadDevelopmentSecrets(dataDir)
  beginFortnight({ dataDir, mongodbUrl: null })
  for (const name of ['experimentation.db', 'personalization.db', 'other.db']) open(name).close()
  expect(await demoReset()).toMatchObject({ code: 0, err: '', out: expect.stringContaining('npm start') })
  expect(readdirSync(dataDir)).toEqual(['other.db'])
})

test.each(['experimentation.db', 'personalization.db'])(
  'while %s is in use, whatever the ports, nothing is deleted',
  async (name) => {
    loadDevelopmentSecrets(dataDir)
    for (const each of ['experimentation.db', 'personalization.db']) open(each).close()
    const database = open(name)
    try {
      expect(await demoReset('--port', '1')).toEqual({
        code: 1,
        out: '',
        err: `${join(dataDir, name)} is in use: stop Bulkhead first\n`,
      })
    } finally {
      database.close()
    }
    expect(readdirSync(dataDir).toSorted()).toEqual([
      'dev-secrets.json',
      'experimentation.db',
      'personalization.db',
    ])
  },
)

test('on MongoDB it refuses while Bulkhead answers on its ports', () =>
  answering(async (port) => {
    const { code, err } = await demoReset('--mongodb', 'mongodb://u:hush@127.0.0.1:1', '--port', String(port))
    expect([code, err]).toEqual([1, `Bulkhead is running (gateway answers on port ${port}): stop it first\n`])
  }))

test('a MongoDB that is away is one line, and neither files nor secrets are touched', async () => {
  loadDevelopmentSecrets(dataDir)
  open('experimentation.db').close()
  const { code, out, err } = await demoReset('--mongodb', 'mongodb://u:hush@127.0.0.1:1', '--port', '1')
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(
    /^mongodb:\/\/\*\*\*@127\.0\.0\.1:1\/bulkhead_experimentation cannot be deleted[^\n]+\n$/,
  )
  expect(readdirSync(dataDir).toSorted()).toEqual(['dev-secrets.json', 'experimentation.db'])
})

test('--help says what is deleted, and deletes nothing', async () => {
  loadDevelopmentSecrets(dataDir)
  expect(await demoReset('--help')).toMatchObject({ code: 0, out: expect.stringContaining('DATA_DIR') })
  expect(readdirSync(dataDir)).toEqual(['dev-secrets.json'])
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { mongoDatabase } from './datastore-url.ts'
import { openMongo } from './mongodb/open.ts'
import { isAbsent, isInUse, resetDatastore } from './reset.ts'
import { openSqlite } from './sqlite/open.ts'
import { describeOnMongo } from './testing/describe-on-mongodb.ts'
import { findTestMongo, startMongod } from './testing/mongodb.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-reset-'))
  path = join(folder, 'x.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const MIGRATIONS = [{ version: 1, name: 'items', up: 'CREATE TABLE items (id TEXT PRIMARY KEY) STRICT' }]

/** A process that opens the database as a service does, says so, and then does nothing with it. */
async function startOwner() {
  const module = new URL('./sqlite/open.ts', import.meta.url)
  const script = `import { openSqlite } from '${module}'
    openSqlite(${JSON.stringify(path)}, ${JSON.stringify(MIGRATIONS)})
    console.log('open')
    setTimeout(() => {}, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    async kill() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

test('a file that another process has open is refused and kept, however idle that is', async () => {
  const owner = await startOwner()
  try {
    expect(isInUse(`sqlite:${path}`)).toBe(true)
    expect(await resetDatastore(`sqlite:${path}`)).toEqual({ type: 'in-use', what: path })
    expect(existsSync(path)).toBe(true)
  } finally {
    await owner.kill()
  }
})

test('a file is absent until it is made, and asking makes none', async () => {
  expect(await isAbsent(`sqlite:${path}`)).toBe(true)
  expect(existsSync(path)).toBe(false)
  openSqlite(path, MIGRATIONS).close()
  expect(await isAbsent(`sqlite:${path}`)).toBe(false)
})

test('once its process is killed, the file is deleted with all that belongs to it', async () => {
  const owner = await startOwner()
  await owner.kill()
  expect(readdirSync(folder)).toContain('x.db-wal')
  expect(await resetDatastore(`sqlite:${path}`)).toEqual({ type: 'deleted', what: path })
  expect(readdirSync(folder)).toEqual([])
  expect(await resetDatastore(`sqlite:${path}`)).toEqual({ type: 'absent', what: path })
})

test('asking whether a file is in use makes none, and leaves one as it is', () => {
  expect(isInUse(`sqlite:${path}`)).toBe(false)
  expect(readdirSync(folder)).toEqual([])
  const database = openSqlite(path, MIGRATIONS)
  database.raw.exec("INSERT INTO items VALUES ('a')")
  database.close()
  expect(isInUse(`sqlite:${path}`)).toBe(false)
  const again = new DatabaseSync(path)
  expect(again.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(again.prepare('SELECT id FROM items').all()).toEqual([{ id: 'a' }])
  again.close()
})

test('a file that is no database is deleted as well', async () => {
  writeFileSync(path, 'not a database, but long enough to look at'.repeat(100))
  expect(await resetDatastore(`sqlite:${path}`)).toMatchObject({ type: 'deleted' })
  expect(existsSync(path)).toBe(false)
})

test('what cannot be deleted is one line that says what to do', async () => {
  mkdirSync(path)
  const reset = resetDatastore(`sqlite:${path}`)
  await expect(reset).rejects.toMatchObject({ name: 'DatastoreStartupError' })
  await expect(reset).rejects.toThrow(/^cannot delete .*x\.db: [^\n]+$/)
})

test('a MongoDB that is away is one line without the password', async () => {
  const reset = resetDatastore('mongodb://someone:hush@127.0.0.1:1/slates')
  await expect(reset).rejects.toMatchObject({ name: 'DatastoreStartupError' })
  await expect(reset).rejects.toThrow(/^mongodb:\/\/\*\*\*@127\.0\.0\.1:1\/slates cannot be deleted: [^\n]+$/)
  await expect(reset).rejects.not.toThrow(/hush/)
})

describeOnMongo('a reset', (mongo) => {
  test('drops the database that the URL names and no other', async () => {
    const [mine, other] = await Promise.all(
      ['mine', 'other'].map(async (name) => {
        const url = mongo().url(name)
        const database = mongoDatabase(url)
        const opened = await openMongo({ url, database, migrations: [] })
        await opened.db.collection('items').insertOne({ n: 1 })
        return { url, database, opened }
      }),
    )
    if (mine === undefined || other === undefined) throw new Error('both are open')
    try {
      expect(isInUse(mine.url)).toBe(false)
      expect(await isAbsent(mine.url)).toBe(false)
      expect(await resetDatastore(mine.url)).toEqual({ type: 'deleted', what: `database ${mine.database}` })
      expect(await isAbsent(mine.url)).toBe(true)
      expect(await mine.opened.db.collection('items').countDocuments()).toBe(0)
      expect(await other.opened.db.collection('items').countDocuments()).toBe(1)
    } finally {
      await mine.opened.close()
      await other.opened.close()
    }
  })

  test('of a replica set that was never initiated is refused with the line that initiates it', async (context) => {
    const source = findTestMongo()
    if (source.kind !== 'binary') return context.skip('only a mongod started here can be uninitiated')
    const server = await startMongod(source, 'uninitiated')
    onTestFinished(() => server.stop())
    for (const options of ['', '?replicaSet=rs0', '?directConnection=true']) {
      await expect(resetDatastore(`${server.url('new')}${options}`), options).rejects.toMatchObject({
        name: 'DatastoreStartupError',
        message: expect.stringMatching(/^[^\n]*never initiated: run once `mongosh [^\n]*rs\.initiate\(\)/),
      })
    }
  })
})

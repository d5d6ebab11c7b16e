import { MongoClient } from 'mongodb'
import { expect, onTestFinished, test } from 'vitest'
import { mongoDatabase } from '../datastore-url.ts'
import { describeOnMongo } from '../testing/describe-on-mongodb.ts'
import { findTestMongo, startMongod } from '../testing/mongodb.ts'
import { isDuplicateKey, translateMongoError } from './errors.ts'
import { type MongoMigration, openMongo } from './open.ts'

const MIGRATIONS: readonly MongoMigration[] = [
  {
    version: 1,
    name: 'items',
    up: async (db) => void (await db.collection('items').createIndex({ sku: 1 }, { unique: true })),
  },
]

async function open(url: string, migrations = MIGRATIONS) {
  const database = mongoDatabase(url)
  const datastore = await openMongo({ url, database, migrations })
  onTestFinished(() => datastore.close())
  return datastore
}

test('a server that does not answer is one line at start, without the credentials', async () => {
  const url = 'mongodb://user:hush@127.0.0.1:1/slates?replicaSet=rs0'
  const opening = openMongo({
    url,
    database: 'slates',
    migrations: [],
    clientOptions: { serverSelectionTimeoutMS: 200 },
  })
  const error = await opening.catch((failure: unknown) => failure)
  expect(error).toMatchObject({
    name: 'DatastoreStartupError',
    message: expect.stringMatching(
      /^cannot use MongoDB at mongodb:\/\/\*\*\*@127\.0\.0\.1:1\/slates[^\n]*start it/,
    ),
  })
  expect(String(error)).not.toContain('hush')
})

test.each([
  ['a port that is none', 'mongodb://host:notaport/db'],
  ['an odd password', 'mongodb://user:hush/pw@127.0.0.1:1/db'],
  ['a malformed password', 'mongodb://user:hush%zz@127.0.0.1:1/db'],
  ['a secret that broke the query', 'mongodb://127.0.0.1:1/db?tlsCertificateKeyFilePassword=x&hush'],
  ['a key file that is not there', 'mongodb://127.0.0.1:1/db?tls=true&tlsCertificateKeyFile=/none/hush'],
])('a URL with %s is one line too, without its secrets', async (_, url) => {
  const error = await openMongo({ url, database: 'db', migrations: [] }).catch((failure: unknown) => failure)
  expect(error).toMatchObject({
    name: 'DatastoreStartupError',
    message: expect.stringMatching(/^cannot use MongoDB at mongodb:[^\n]+$/),
  })
  expect(String(error)).not.toContain('hush')
})

describeOnMongo('a MongoDB datastore', (mongo) => {
  test('writes are acknowledged by the journal of a majority, reads see what a majority has', async () => {
    const { client, ping } = await open(mongo().url('concerns'))
    expect(client.options.writeConcern).toMatchObject({ w: 'majority', journal: true })
    expect(client.options.readConcern?.level).toBe('majority')
    expect(client.options.readPreference.mode).toBe('primary')
    await ping()
  })

  test('migrations run once, in order, and later ones are added', async () => {
    const url = mongo().url('migrations')
    const ran: number[] = []
    const recording = [1, 2, 3].map((version) => ({
      version,
      name: `step ${version}`,
      up: async () => void ran.push(version),
    }))
    await open(url, recording.slice(0, 2))
    const { db } = await open(url, recording)
    expect(ran).toEqual([1, 2, 3])
    expect(
      await db
        .collection('schema_migrations')
        .find()
        .map(({ _id }) => Number(_id))
        .toArray(),
    ).toEqual(ran)
  })

  test('replicas that start together all come up, each step recorded once', async () => {
    const url = mongo().url('together')
    const [first] = await Promise.all([open(url), open(url), open(url), open(url)])
    expect(await first.db.collection('schema_migrations').countDocuments()).toBe(1)
    expect(await first.db.collection('items').indexExists('sku_1')).toBe(true)
  })

  test('a database of newer code is refused', async () => {
    const url = mongo().url('newer')
    await open(url, [...MIGRATIONS, { version: 2, name: 'more', up: async () => undefined }])
    await expect(open(url)).rejects.toMatchObject({
      name: 'DatastoreStartupError',
      message: expect.stringContaining('is at schema version 2, but this code knows 1'),
    })
  })

  test('a duplicate is told from an outage, for one row and for a batch', async () => {
    const { db } = await open(mongo().url('duplicates'))
    const items = db.collection<{ _id: string; sku: number }>('items')
    await items.insertOne({ _id: 'a', sku: 1 })
    const single = await items.insertOne({ _id: 'b', sku: 1 }).catch((error: unknown) => error)
    const rows = ['a', 'c', 'd'].map((_id, index) => ({ _id, sku: index + 1 }))
    const batch = await items.insertMany(rows, { ordered: false }).catch((error: unknown) => error)
    expect([isDuplicateKey(single), isDuplicateKey(batch)]).toEqual([true, true])
    expect(translateMongoError(single)).toBe(single)
    expect(await items.countDocuments()).toBe(3)
  })

  test('a closed client is an outage', async () => {
    const { db, close } = await open(mongo().url('closed'))
    await close()
    const failure = await db.collection('items').findOne().catch(translateMongoError)
    expect(failure).toMatchObject({ name: 'DatastoreUnavailableError' })
  })

  test('a server that dies while the service runs is an outage within seconds', async (context) => {
    const source = findTestMongo()
    if (source.kind !== 'binary') return context.skip('only a mongod started here can be killed')
    const server = await startMongod(source)
    onTestFinished(() => server.stop())
    const { db } = await open(server.url('dying'))
    await db.collection('items').insertOne({ sku: 1 })
    await server.stop()
    const started = performance.now()
    const failure = await db.collection('items').insertOne({ sku: 2 }).catch(translateMongoError)
    expect(failure).toMatchObject({ name: 'DatastoreUnavailableError' })
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('a standalone server is refused with the lines that make it a replica set', async (context) => {
    const source = findTestMongo()
    if (source.kind !== 'binary') return context.skip('only a mongod started here can be standalone')
    const server = await startMongod(source, 'standalone')
    onTestFinished(() => server.stop())
    await expect(open(server.url('alone'))).rejects.toMatchObject({
      name: 'DatastoreStartupError',
      message: expect.stringMatching(/standalone.*mongod --replSet rs0.*mongosh --eval 'rs\.initiate\(\)'/),
    })
  })

  test('a replica set that was never initiated is refused with the line that initiates it', async (context) => {
    const source = findTestMongo()
    if (source.kind !== 'binary') return context.skip('only a mongod started here can be uninitiated')
    const server = await startMongod(source, 'uninitiated')
    onTestFinished(() => server.stop())
    const url = server.url('new')
    const { host } = new URL(url)
    const urls = [
      '',
      '?replicaSet=rs0',
      '?directConnection=true',
      '?directConnection=true&replicaSet=rs0',
    ].map((options) => `${url}${options}`)
    for (const each of urls) {
      const opening = openMongo({
        url: each,
        database: 'new',
        migrations: [],
        clientOptions: { serverSelectionTimeoutMS: 500 },
      })
      await expect(opening, each).rejects.toMatchObject({
        name: 'DatastoreStartupError',
        message: expect.stringMatching(
          new RegExp(`never initiated: run once \`mongosh mongodb://${host} --eval 'rs\\.initiate\\(\\)'\`$`),
        ),
      })
    }
    const direct = new MongoClient(url, { directConnection: true })
    // What rs.initiate() sends.
    await direct.db('admin').command({ replSetInitiate: {} })
    await direct.close()
    for (const each of urls) await open(each)
  })
})

import { setImmediate } from 'node:timers/promises'
import { MongoError, MongoErrorLabel } from 'mongodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { mongoDatabase } from '../datastore-url.ts'
import { describeOnMongo } from '../testing/describe-on-mongodb.ts'
import { translateMongoError } from './errors.ts'
import { openMongo } from './open.ts'
import { inTransaction } from './transaction.ts'

function labelled(message: string, label: MongoErrorLabel): MongoError {
  const error = new MongoError(message)
  error.addErrorLabel(label)
  return error
}

/** What the driver rejects with when another transaction got there first. */
function conflict(): MongoError {
  return labelled('WriteConflict', MongoErrorLabel.TransientTransactionError)
}

describeOnMongo('a transaction', (mongo) => {
  async function open() {
    const url = mongo().url('transactions')
    const datastore = await openMongo({ url, database: mongoDatabase(url), migrations: [] })
    onTestFinished(() => datastore.close())
    return { datastore, items: datastore.db.collection<{ _id: string }>('items') }
  }

  test('is repeated after a conflict, and leaves nothing of the attempt before', async () => {
    const { datastore, items } = await open()
    let attempts = 0
    const result = await inTransaction(datastore, async (session) => {
      attempts++
      await items.insertOne({ _id: `attempt ${attempts}` }, { session })
      if (attempts === 1) throw conflict()
      return 'done'
    })
    expect(result).toBe('done')
    expect(await items.find().toArray()).toEqual([{ _id: 'attempt 2' }])
  })

  test('can be aborted by what runs in it, whose result comes back all the same', async () => {
    const { datastore, items } = await open()
    const result = await inTransaction(datastore, async (session) => {
      await items.insertOne({ _id: 'aborted' }, { session })
      await session.abortTransaction()
      return 'conflict'
    })
    expect(result).toBe('conflict')
    expect(await items.findOne({ _id: 'aborted' })).toBeNull()
  })

  test('that only meets conflicts is given up as an outage, and writes nothing', async () => {
    const { datastore, items } = await open()
    const failure = await inTransaction(
      datastore,
      async (session) => {
        await items.insertOne({ _id: 'lost' }, { session })
        throw conflict()
      },
      { limitMs: 100 },
    ).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      name: 'DatastoreUnavailableError',
      cause: expect.objectContaining({ message: 'WriteConflict' }),
    })
    expect(await items.findOne({ _id: 'lost' })).toBeNull()
  })

  test('whose commit has no known result is an outage at once: only the caller knows what to repeat', async () => {
    const { datastore } = await open()
    let commits = 0
    const transaction = inTransaction(datastore, async (session) => {
      vi.spyOn(session, 'commitTransaction').mockImplementation(async () => {
        commits++
        await setImmediate()
        throw labelled('no answer', MongoErrorLabel.UnknownTransactionCommitResult)
      })
    })
    await expect(transaction.catch(translateMongoError)).resolves.toMatchObject({
      name: 'DatastoreUnavailableError',
    })
    expect(commits).toBe(1)
  })
})

import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb'
import { expect, test } from 'vitest'
import { isDuplicateKey, translateMongoError } from './errors.ts'

const duplicate = { code: 11_000, message: 'E11000 duplicate key' }
const other = { code: 121, message: 'Document failed validation' }

/** As the driver builds it, with a write concern error or without. */
function bulkError(writeErrors: { code: number }[], writeConcernError?: object) {
  return Object.assign(Object.create(MongoBulkWriteError.prototype), {
    message: 'bulk',
    code: writeErrors[0]?.code,
    writeErrors,
    result: { getWriteConcernError: () => writeConcernError },
    errorLabelSet: new Set(),
  }) as MongoBulkWriteError
}

test('duplicates alone are told from duplicates beside another refusal', () => {
  expect(isDuplicateKey(new MongoServerError(duplicate))).toBe(true)
  expect(isDuplicateKey(bulkError([duplicate, duplicate]))).toBe(true)
  expect(isDuplicateKey(bulkError([duplicate, other]))).toBe(false)
  expect(isDuplicateKey(new MongoServerError(other))).toBe(false)
  expect(isDuplicateKey(Object.assign(new Error('no'), { code: 11_000 }))).toBe(false)
})

test('duplicates whose neighbours are not durable are an outage', () => {
  const error = bulkError([duplicate], { code: 64 })
  expect(isDuplicateKey(error)).toBe(false)
  expect(translateMongoError(error)).toMatchObject({ name: 'DatastoreUnavailableError' })
})

test('a bulk write that an outage broke off is an outage, whatever it reports of the rows before', () => {
  const result = { getWriteConcernError: () => undefined, getWriteErrors: () => [duplicate] }
  const broken = new MongoBulkWriteError(new MongoNetworkError('timed out'), result as never)
  Object.assign(broken, { writeErrors: [duplicate] })
  expect(broken.name).toBe('MongoBulkWriteError')
  expect(isDuplicateKey(broken)).toBe(false)
  expect(translateMongoError(broken)).toMatchObject({ name: 'DatastoreUnavailableError' })
})

test.each([
  ['network', new MongoNetworkError('socket hang up')],
  ['not primary', new MongoServerError({ code: 10_107, message: 'not primary' })],
  ['shutdown', new MongoServerError({ code: 91, message: 'shutting down' })],
  ['no space', new MongoServerError({ code: 14_031, message: 'out of disk space' })],
  ['labelled', new MongoServerError({ code: 1, message: 'x', errorLabels: ['RetryableWriteError'] })],
])('an error of kind "%s" is an outage', (_kind, error) => {
  expect(translateMongoError(error)).toMatchObject({
    name: 'DatastoreUnavailableError',
    code: 'DATASTORE_UNAVAILABLE',
    retryable: true,
    cause: error,
  })
})

test('a wrong query, a duplicate and a defect come back as they are', () => {
  for (const error of [
    new MongoServerError(other),
    new MongoServerError(duplicate),
    new TypeError('x'),
    'text',
  ]) {
    expect(translateMongoError(error)).toBe(error)
  }
})

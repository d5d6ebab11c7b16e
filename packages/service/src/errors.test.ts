import { expect, test } from 'vitest'
import { COMMON_ERRORS, defineErrors, serviceError, toServiceError } from './errors.ts'

test('a registry entry carries the code that it is filed under', () => {
  const errors = defineErrors({
    OUTBOX_FULL: { meaning: 'Full.', retryable: true, whatToDo: 'Wait.', httpStatus: 503 },
  })
  expect(errors.OUTBOX_FULL.code).toBe('OUTBOX_FULL')
  for (const [code, definition] of Object.entries(COMMON_ERRORS)) expect(definition.code).toBe(code)
})

test('a service error without a message says what happened and what to do', () => {
  const error = serviceError(COMMON_ERRORS.DATASTORE_UNAVAILABLE)
  expect(error.message).toContain('does not answer')
  expect(error.message).toContain('Try again')
  expect(error).toMatchObject({ code: 'DATASTORE_UNAVAILABLE', retryable: true, httpStatus: 503 })
})

test('an outage of the datastore is shown without what the driver said', () => {
  const outage = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:27017'), {
    name: 'DatastoreUnavailableError',
  })
  const shown = toServiceError(outage)
  expect(shown?.code).toBe('DATASTORE_UNAVAILABLE')
  expect(shown?.message).not.toContain('10.0.0.7')
  expect(shown?.cause).toBe(outage)
})

test('an error that no registry knows has no public form', () => {
  expect(toServiceError(new TypeError('x is undefined'))).toBeUndefined()
  expect(toServiceError(Object.assign(new Error('no'), { code: 'BAD_USER_INPUT' }))).toBeUndefined()
  expect(toServiceError('text')).toBeUndefined()
})

import { expect, test } from 'vitest'
import { captureLog } from './testing/captured-log.ts'

test('credentials in headers are redacted wherever headers are logged', () => {
  const { log, lines } = captureLog()
  const headers = {
    authorization: 'Bearer hush-hush',
    cookie: 'session=hush-hush',
    'x-bulkhead-gateway-secret': 'hush-hush',
    accept: 'application/json',
  }
  log.info({ headers }, 'top')
  log.info({ req: { headers } }, 'request')
  log.child({ component: 'client' }).info({ err: { request: { headers } } }, 'deep')
  expect(JSON.stringify(lines)).not.toContain('hush-hush')
  expect(JSON.stringify(lines)).toContain('application/json')
  expect(lines).toHaveLength(3)
})

test('a line names its service and its level in words', () => {
  const { log, lines } = captureLog()
  log.warn('careful')
  expect(lines).toEqual([expect.objectContaining({ service: 'test', level: 'warn', msg: 'careful' })])
})

test('lines below the level are dropped', () => {
  const { log, lines } = captureLog('info')
  log.debug('detail')
  expect(lines).toEqual([])
})

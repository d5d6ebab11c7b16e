import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, test } from 'vitest'
import { type AccessRecord, createAccessLog } from './access-log.ts'

const RECORD: AccessRecord = {
  requestId: 'request-0001',
  status: 200,
  ms: 1.23456,
  complete: true,
  operation: 'Home',
  kind: 'query',
  client: { name: 'web', version: '1.2.3' },
  errors: 0,
  codes: null,
  variables: { password: 'hush-hush' },
}

function logged(mode: 'on' | 'off' | 'variables', overrides: Partial<AccessRecord> = {}) {
  const { log, lines } = captureLog()
  createAccessLog(log, mode)?.({ ...RECORD, ...overrides })
  return lines.map(({ time: _, ...line }) => line)
}

test('a request is one line with who asked for what, how it ended and how long it took, without variables', () => {
  expect(logged('on')).toEqual([
    {
      level: 'info',
      service: 'test',
      operation: 'Home',
      kind: 'query',
      status: 200,
      ms: 1.23,
      client: 'web',
      clientVersion: '1.2.3',
      requestId: 'request-0001',
      msg: 'request answered',
    },
  ])
})

test('errors are counted, their codes named, at most ten of them', () => {
  const codes = new Set(Array.from({ length: 50 }, (_, n) => `CODE_${n}`))
  const [line] = logged('on', { errors: 60, codes })
  expect(line).toMatchObject({ errors: 60, codes: [...codes].slice(0, 10) })
})

test('what is not known is left out', () => {
  const refused = { operation: undefined, kind: undefined, client: { name: null, version: null } }
  const [line] = logged('on', { ...refused, complete: false })
  expect(Object.keys(line ?? {})).toEqual(['level', 'service', 'status', 'ms', 'aborted', 'requestId', 'msg'])
})

test('variables are logged where that is allowed, long ones cut', () => {
  expect(logged('variables')).toEqual([expect.objectContaining({ variables: { password: 'hush-hush' } })])
  const [line] = logged('variables', { variables: { text: 'x'.repeat(100_000) } })
  expect(String(line?.variables).length).toBe(10_001)
})

test('it can be switched off, and is where the log has no such lines', () => {
  expect(logged('off')).toEqual([])
  const { log } = captureLog()
  log.level = 'warn'
  expect(createAccessLog(log, 'on')).toBeNull()
})

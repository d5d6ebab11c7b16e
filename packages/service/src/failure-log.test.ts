import { expect, test } from 'vitest'
import { createFailureLog } from './failure-log.ts'
import { captureLog } from './testing/captured-log.ts'

function failureLog(
  options: { quietMs?: number; repeatMs?: number; meanwhile?: string; level?: 'debug' | 'info' } = {},
) {
  const { level, ...rest } = options
  const { log, lines } = captureLog(level)
  const clock = { time: 0, now: () => clock.time }
  return { clock, lines, failures: createFailureLog({ log, clock, what: 'fetching', ...rest }) }
}

test('an outage is one warning when it begins and one line when it is over, however often it fails', () => {
  const { clock, lines, failures } = failureLog()
  failures.succeeded()
  for (let failure = 0; failure < 100; failure += 1) {
    clock.time += 1_000
    failures.failed('NETWORK', { detail: 'ECONNREFUSED' })
  }
  failures.succeeded()
  failures.succeeded()
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'warn',
      msg: 'fetching failing; retrying',
      reason: 'NETWORK',
      detail: 'ECONNREFUSED',
    }),
    expect.objectContaining({ level: 'info', msg: 'fetching working again', failures: 100 }),
  ])
})

test('the warning says what happens meanwhile', () => {
  const { lines, failures } = failureLog({ meanwhile: 'serving without' })
  failures.failed('NETWORK')
  expect(lines).toEqual([expect.objectContaining({ msg: 'fetching failing; serving without' })])
})

test('each failure besides the first is logged at debug', () => {
  const { lines, failures } = failureLog({ level: 'debug' })
  failures.failed('NETWORK', { requestId: 'request-1' })
  failures.failed('NETWORK', { requestId: 'request-2' })
  expect(lines.map(({ level, requestId }) => [level, requestId])).toEqual([
    ['warn', 'request-1'],
    ['debug', 'request-2'],
  ])
})

test('each reason is a warning once an outage, also where two of them take turns', () => {
  const { lines, failures } = failureLog()
  for (let failure = 0; failure < 10; failure += 1) {
    failures.failed('NETWORK')
    failures.failed('TIMEOUT')
  }
  expect(lines.map(({ level, reason }) => [level, reason])).toEqual([
    ['warn', 'NETWORK'],
    ['warn', 'TIMEOUT'],
  ])
})

test('a second outage is logged again', () => {
  const { lines, failures } = failureLog()
  failures.failed('NETWORK')
  failures.succeeded()
  failures.failed('NETWORK')
  failures.succeeded()
  expect(lines.map(({ level, failures: count }) => [level, count])).toEqual([
    ['warn', undefined],
    ['info', 1],
    ['warn', undefined],
    ['info', 1],
  ])
})

test('with a quiet time, failures and successes by turns are one outage, which ends after that time without a failure', () => {
  const { clock, lines, failures } = failureLog({ quietMs: 5_000 })
  for (let request = 0; request < 100; request += 1) {
    clock.time += 10
    if (request % 2 === 0) failures.failed('NETWORK')
    else failures.succeeded()
  }
  expect(lines).toHaveLength(1)
  clock.time += 4_989
  failures.succeeded()
  expect(lines).toHaveLength(1)
  clock.time += 1
  failures.succeeded()
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'info'])
})

test('with a repeat time, the warning comes again after it, with the number of failures in between', () => {
  const { clock, lines, failures } = failureLog({ repeatMs: 10_000 })
  for (let failure = 0; failure < 25; failure += 1) {
    failures.failed('commit')
    if (failure === 12) failures.failed('context')
    clock.time += 1_000
  }
  expect(lines.map(({ level, reason, suppressed }) => [level, reason, suppressed])).toEqual([
    ['warn', 'commit', undefined],
    ['warn', 'commit', 9],
    ['warn', 'context', undefined],
    ['warn', 'commit', 9],
  ])
})

test('the number of reasons in memory is bounded', () => {
  const { lines, failures } = failureLog()
  for (let reason = 0; reason < 100; reason += 1) failures.failed(String(reason))
  failures.failed('0')
  expect(lines).toHaveLength(100)
  failures.failed('one more')
  failures.failed('0')
  expect(lines.map(({ reason }) => reason).slice(-2)).toEqual(['one more', '0'])
})

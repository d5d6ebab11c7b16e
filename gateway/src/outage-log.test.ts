import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, test } from 'vitest'
import { createOutageLog } from './outage-log.ts'

function outageLog(level: 'debug' | 'info' = 'info') {
  const { log, lines } = captureLog(level)
  const clock = { time: 0, now: () => clock.time }
  return { clock, lines, outages: createOutageLog({ subgraph: 'experimentation', clock, log }) }
}

test('an outage is one warning when it begins and one line when it is over, however many requests it costs', () => {
  const { clock, lines, outages } = outageLog()
  outages.succeeded()
  for (let request = 0; request < 100; request += 1) {
    clock.time += 1_000
    outages.failed({ code: 'SUBGRAPH_UNAVAILABLE', detail: 'ECONNREFUSED' })
  }
  clock.time += 5_000
  outages.succeeded()
  outages.succeeded()
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'warn',
      subgraph: 'experimentation',
      code: 'SUBGRAPH_UNAVAILABLE',
      detail: 'ECONNREFUSED',
    }),
    expect.objectContaining({ level: 'info', subgraph: 'experimentation', failures: 100 }),
  ])
})

test('a subgraph that wavers does not write a line a request', () => {
  const { clock, lines, outages } = outageLog()
  for (let request = 0; request < 100; request += 1) {
    clock.time += 10
    if (request % 2 === 0) outages.failed({})
    else outages.succeeded()
  }
  expect(lines).toHaveLength(1)
})

test('each failure besides the first is told at debug', () => {
  const { lines, outages } = outageLog('debug')
  outages.failed({ requestId: 'request-1' })
  outages.failed({ requestId: 'request-2' })
  expect(lines.map(({ level, requestId }) => [level, requestId])).toEqual([
    ['warn', 'request-1'],
    ['debug', 'request-2'],
  ])
})

test('a second outage is told again', () => {
  const { clock, lines, outages } = outageLog()
  outages.failed({})
  clock.time += 5_000
  outages.succeeded()
  outages.failed({})
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'info', 'warn'])
})

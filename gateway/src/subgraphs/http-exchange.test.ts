import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { createAnswerMemory } from './answer-buffer.ts'
import { HttpExchange, type HttpResult } from './http-exchange.ts'

function begin() {
  const memory = createAnswerMemory({ maxAnswerBytes: 1_000, maxHeldBytes: 10_000, shareBytes: 100 })
  const results: HttpResult[] = []
  const aborted: (Error | undefined)[] = []
  const exchange = new HttpExchange(memory, (result) => results.push(result))
  const controller = {
    // As undici does.
    abort(reason?: Error) {
      aborted.push(reason)
      if (reason) exchange.onResponseError(controller, reason)
    },
  } as Dispatcher.DispatchController
  return { memory, results, aborted, exchange, controller }
}

test('one that is given up before it has a connection cuts the connection as soon as there is one', () => {
  const { exchange, controller, aborted, results } = begin()
  exchange.abort()
  expect(results).toEqual([])
  exchange.onRequestStart(controller)
  expect(aborted).toHaveLength(1)
  expect(results).toEqual([{ type: 'broken', unanswered: true, detail: 'given up' }])
})

test('an answer that announces too many bytes is given up before the first of them', () => {
  const { exchange, controller, results } = begin()
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 200, { 'content-length': '1001' })
  expect(results).toEqual([{ type: 'unreadable', detail: 'answer is over 1000 bytes' }])
})

test('an early hint is not an answer', () => {
  const { exchange, controller, results } = begin()
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 103, {})
  exchange.onResponseError(controller, new Error('reset'))
  expect(results).toEqual([{ type: 'broken', unanswered: true, detail: 'reset' }])
})

test('headers that are sent twice are read as one', () => {
  const { exchange, controller, results } = begin()
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 200, { 'content-type': ['application/json', 'text/html'] } as never)
  exchange.onResponseEnd()
  expect(results).toMatchObject([{ type: 'response', mediaType: 'application/json, text/html' }])
})

test.each(['end', 'error'] as const)('after its %s it holds no memory', (end) => {
  const { exchange, controller, memory } = begin()
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 200, {})
  exchange.onResponseData(controller, Buffer.from('{"data":{}}'))
  expect(memory.heldBytes).toBe(11)
  if (end === 'end') exchange.onResponseEnd()
  else exchange.onResponseError(controller, new Error('reset'))
  expect(memory.heldBytes).toBe(0)
})

import { expect, test } from 'vitest'
import { createAnswerMemory } from '../answer-buffer.ts'
import { HttpExchange } from './http-exchange.ts'
import type { HttpResult } from './http-result.ts'

function begin() {
  const memory = createAnswerMemory({ maxAnswerBytes: 1_000, maxHeldBytes: 10_000, shareBytes: 100 })
  const results: HttpResult[] = []
  const exchange = new HttpExchange('', memory, (result) => results.push(result))
  const cut: Error[] = []
  const connection = { destroy: (error: Error) => void cut.push(error) }
  return {
    memory,
    results,
    exchange,
    connection,
    cut,
    read: (text: string) => exchange.reader.read(Buffer.from(text)),
  }
}

test('one that is given up before it has a connection ends at once', () => {
  const { exchange, results } = begin()
  exchange.abort()
  exchange.abort()
  expect(results).toEqual([{ type: 'broken', unanswered: true, detail: 'given up' }])
})

test('one that is given up later cuts its connection', () => {
  const { exchange, connection, cut, results } = begin()
  exchange.connection = connection
  exchange.abort()
  expect(cut).toEqual([new Error('given up')])
  expect(results).toEqual([])
})

test('one that has ended leaves its connection to others', () => {
  const { exchange, connection, cut, results } = begin()
  exchange.connection = connection
  exchange.finish({ type: 'response', status: 200, mediaType: '', body: Buffer.alloc(0) })
  exchange.abort()
  exchange.fail(new Error('late'))
  expect(cut).toEqual([])
  expect(results).toHaveLength(1)
})

test('an early hint is not an answer', () => {
  const { exchange, read, results } = begin()
  expect(read('HTTP/1.1 103 Early Hints\r\n\r\n')).toBeNull()
  exchange.fail(new Error('reset'))
  expect(results).toEqual([{ type: 'broken', unanswered: true, detail: 'reset' }])
})

test('after a failure in the middle of its answer it holds no memory', () => {
  const { exchange, read, memory, results } = begin()
  expect(read('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"data":{}}')).toBeNull()
  expect(memory.heldBytes).toBe(11)
  exchange.fail(new Error('reset'))
  expect(memory.heldBytes).toBe(0)
  expect(results).toEqual([{ type: 'broken', unanswered: false, detail: 'reset' }])
})

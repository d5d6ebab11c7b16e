import { expect, test } from 'vitest'
import type { OutboxState } from '../datastore/port.ts'
import { createOutboxGate } from './outbox-gate.ts'

test('the gate closes at its limit, by what was measured and what was added since', async () => {
  const gate = createOutboxGate({ limit: 10 })
  await gate.measure(async () => ({ size: 8, oldest: 1 }))
  gate.added(1)
  expect(gate.isFull()).toBe(false)
  gate.added(1)
  expect(gate.size()).toBe(10)
  expect(gate.isFull()).toBe(true)
})

test('a measurement opens the gate again', async () => {
  const gate = createOutboxGate({ limit: 10 })
  gate.added(12)
  await gate.measure(async () => ({ size: 3, oldest: 1 }))
  expect(gate.size()).toBe(3)
  expect(gate.isFull()).toBe(false)
})

test('what is added while a measurement runs stays counted', async () => {
  const gate = createOutboxGate({ limit: 10 })
  gate.added(5)
  const answer = Promise.withResolvers<OutboxState>()
  const measuring = gate.measure(() => answer.promise)
  gate.added(2)
  answer.resolve({ size: 5, oldest: 1 })
  await measuring
  expect(gate.size()).toBe(7)
})

test('a measurement that fails leaves the gate as it was', async () => {
  const gate = createOutboxGate({ limit: 10 })
  gate.added(10)
  await expect(gate.measure(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  expect(gate.isFull()).toBe(true)
})

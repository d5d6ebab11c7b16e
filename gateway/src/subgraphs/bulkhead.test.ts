import { expect, test } from 'vitest'
import { createBulkhead } from './bulkhead.ts'

function bulkhead(limits: { maxInFlight: number; maxQueued: number }) {
  const started: string[] = []
  return { started, ...createBulkhead<string>({ ...limits, start: (task) => started.push(task) }) }
}

test('tasks beyond those in flight wait in order, and those beyond the queue are refused', () => {
  const { started, enter, leave, inFlight, queued } = bulkhead({ maxInFlight: 2, maxQueued: 2 })
  expect(['a', 'b', 'c', 'd', 'e'].map(enter)).toEqual([true, true, true, true, false])
  expect([started, inFlight(), queued()]).toEqual([['a', 'b'], 2, 2])
  leave()
  expect([started, inFlight(), queued()]).toEqual([['a', 'b', 'c'], 2, 1])
  for (let task = 0; task < 3; task += 1) leave()
  expect([started, inFlight(), queued()]).toEqual([['a', 'b', 'c', 'd'], 0, 0])
})

test('a task that is forgotten never starts and makes room', () => {
  const { started, enter, forget, leave, queued } = bulkhead({ maxInFlight: 1, maxQueued: 2 })
  for (const task of ['a', 'b', 'c']) enter(task)
  expect([forget('b'), forget('b'), forget('a')]).toEqual([true, false, false])
  expect(queued()).toBe(1)
  expect(enter('d')).toBe(true)
  leave()
  leave()
  expect(started).toEqual(['a', 'c', 'd'])
})

test('clearing ends the waiting, not what is in flight', () => {
  const { started, enter, leave, clear, inFlight } = bulkhead({ maxInFlight: 1, maxQueued: 2 })
  for (const task of ['a', 'b', 'c']) enter(task)
  expect(clear()).toEqual(['b', 'c'])
  leave()
  expect([started, inFlight()]).toEqual([['a'], 0])
})

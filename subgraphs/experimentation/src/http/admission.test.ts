import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { type AdmissionLimits, createAdmission } from './admission.ts'

function limited(limits: Partial<AdmissionLimits>) {
  return createAdmission({ requests: 1, events: 500, isBehind: () => false, ...limits })
}

test('permits run out at the limit and are released when a connection is closed', () => {
  const admission = limited({ requests: 2 })
  const [first, second] = [new EventEmitter(), new EventEmitter()]
  expect(admission.admit(first)).not.toBeNull()
  expect(admission.admit(second)).not.toBeNull()
  expect(admission.admit(new EventEmitter())).toBeNull()
  first.emit('close')
  expect(admission.requests()).toBe(1)
  expect(admission.admit(new EventEmitter())).not.toBeNull()
})

test('the permit of a sender that disconnected is taken until the work for it has ended, well or not', async () => {
  for (const outcome of ['resolve', 'reject'] as const) {
    const admission = limited({})
    const connection = new EventEmitter()
    const permit = admission.admit(connection)
    const work = Promise.withResolvers<void>()
    const done = permit?.during(1, () => work.promise)?.catch(() => undefined)
    connection.emit('close')
    expect(admission.requests()).toBe(1)
    work[outcome](undefined)
    await done
    expect(admission.requests()).toBe(0)
  }
})

test('a permit is kept after the work has ended, until the answer is sent', async () => {
  const admission = limited({})
  const connection = new EventEmitter()
  await admission.admit(connection)?.during(1, async () => undefined)
  expect(admission.requests()).toBe(1)
  connection.emit('close')
  expect(admission.requests()).toBe(0)
})

test('events are admitted as a whole or not at all, and make room when their work has ended, well or not', async () => {
  const admission = limited({ requests: 9, events: 10 })
  const permit = () => admission.admit(new EventEmitter())
  const [well, badly] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const first = permit()?.during(6, () => well.promise)
  const second = permit()
    ?.during(4, () => badly.promise)
    ?.catch(() => undefined)
  let ran = false
  const work = async () => {
    ran = true
  }
  expect(permit()?.during(1, work)).toBeNull()
  expect([ran, admission.events()]).toEqual([false, 10])
  well.resolve()
  await first
  expect(permit()?.during(7, work)).toBeNull()
  await permit()?.during(6, work)
  badly.reject(new Error('away'))
  await second
  expect([ran, admission.events()]).toEqual([true, 0])
})

test('nothing is admitted while the store is behind', () => {
  let behind = true
  const admission = limited({ isBehind: () => behind })
  expect(admission.admit(new EventEmitter())).toBeNull()
  behind = false
  expect(admission.admit(new EventEmitter())).not.toBeNull()
})

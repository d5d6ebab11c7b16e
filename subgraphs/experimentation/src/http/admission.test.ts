import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

test('permits run out at the limit and are released when a connection is closed', () => {
  const admission = createAdmission(2)
  const [first, second] = [new EventEmitter(), new EventEmitter()]
  expect(admission.admit(first)).not.toBeNull()
  expect(admission.admit(second)).not.toBeNull()
  expect(admission.admit(new EventEmitter())).toBeNull()
  first.emit('close')
  expect(admission.size()).toBe(1)
  expect(admission.admit(new EventEmitter())).not.toBeNull()
})

test('the permit of a sender that disconnected is taken until the work for it has ended, well or not', async () => {
  for (const outcome of ['resolve', 'reject'] as const) {
    const admission = createAdmission(1)
    const connection = new EventEmitter()
    const permit = admission.admit(connection)
    const work = Promise.withResolvers<void>()
    const done = permit?.during(() => work.promise).catch(() => undefined)
    connection.emit('close')
    expect(admission.size()).toBe(1)
    work[outcome](undefined)
    await done
    expect(admission.size()).toBe(0)
  }
})

test('a permit is kept after the work has ended, until the answer is sent', async () => {
  const admission = createAdmission(1)
  const connection = new EventEmitter()
  await admission.admit(connection)?.during(async () => undefined)
  expect(admission.size()).toBe(1)
  connection.emit('close')
  expect(admission.size()).toBe(0)
})

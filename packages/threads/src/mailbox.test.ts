import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMailbox } from './mailbox.ts'

function startMailbox() {
  const sent: { readonly messages: readonly string[]; readonly buffers: readonly ArrayBuffer[] }[] = []
  const refused: unknown[] = []
  const mailbox = createMailbox<string>(
    (messages, buffers) => {
      if (messages.includes('function')) throw new Error('cannot be cloned')
      sent.push({ messages, buffers })
    },
    (message, error) => refused.push([message, error]),
  )
  return { mailbox, sent, refused }
}

test('what is put in during one turn of the event loop is sent as one, in its order, with its buffers', async () => {
  const { mailbox, sent } = startMailbox()
  const [first, second] = [new ArrayBuffer(1), new ArrayBuffer(2)]
  mailbox.put('a', [first])
  await Promise.resolve()
  mailbox.put('b', [second])
  expect(sent).toEqual([])
  await setImmediate()
  expect(sent).toEqual([{ messages: ['a', 'b'], buffers: [first, second] }])
  mailbox.put('c', [])
  await setImmediate()
  expect(sent.slice(1)).toEqual([{ messages: ['c'], buffers: [] }])
})

test('it is emptied at once where that is asked for, and sends nothing twice', async () => {
  const { mailbox, sent } = startMailbox()
  mailbox.put('a', [])
  mailbox.empty()
  expect(sent).toEqual([{ messages: ['a'], buffers: [] }])
  await setImmediate()
  mailbox.empty()
  expect(sent).toHaveLength(1)
})

test('what cannot be cloned is refused, and the others are sent', async () => {
  const { mailbox, sent, refused } = startMailbox()
  for (const message of ['a', 'function', 'b']) mailbox.put(message, [])
  await setImmediate()
  expect(sent.map(({ messages }) => messages)).toEqual([['a'], ['b']])
  expect(refused).toEqual([['function', new Error('cannot be cloned')]])
})

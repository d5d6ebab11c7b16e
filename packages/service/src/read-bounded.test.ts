import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readBounded } from './read-bounded.ts'

function body(...chunks: readonly Uint8Array[]) {
  return Readable.from(chunks)
}

test('a body of up to the limit is read in full, whatever its chunks', async () => {
  const [first, second] = [Buffer.from('añ').subarray(0, 2), Buffer.from('añ').subarray(2)]
  expect(await readBounded(body(first, second), 3)).toBe('añ')
  expect(await readBounded(body(), 0)).toBe('')
})

test('a body over the limit is null, and its rest is not read', async () => {
  let read = 0
  async function* endless() {
    for (;;) {
      read += 1
      yield Buffer.alloc(10)
    }
  }
  const stream = Readable.from(endless(), { highWaterMark: 1 })
  expect(await readBounded(stream, 25)).toBeNull()
  expect(stream.destroyed).toBe(true)
  expect(read).toBeLessThan(10)
})

test('a body that breaks off rejects', async () => {
  async function* broken() {
    yield Buffer.from('a')
    throw new Error('connection reset')
  }
  await expect(readBounded(broken(), 100)).rejects.toThrow('connection reset')
})

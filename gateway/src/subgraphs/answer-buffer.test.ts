import { expect, test } from 'vitest'
import { AnswerBuffer, createAnswerMemory } from './answer-buffer.ts'

const MIB = 1024 * 1024
const LIMITS = { maxAnswerBytes: 16 * MIB, maxHeldBytes: 64 * MIB, shareBytes: MIB }

test('what a chunk held stays, also when others are read into its memory', () => {
  const buffer = new AnswerBuffer(createAnswerMemory(LIMITS))
  const chunk = Buffer.from('{"data":')
  expect(buffer.add(chunk)).toBeNull()
  chunk.write('{}}     ')
  expect(buffer.add(chunk.subarray(0, 3))).toBeNull()
  expect(buffer.take().toString()).toBe('{"data":{}}')
})

test('chunks of any size are put together', () => {
  const buffer = new AnswerBuffer(createAnswerMemory(LIMITS))
  const text = 'é'.repeat(1_000)
  for (const byte of Buffer.from(text)) expect(buffer.add(Buffer.of(byte))).toBeNull()
  expect(buffer.take().toString()).toBe(text)
})

test('a large answer is as it came, also once its memory is used for others', () => {
  const memory = createAnswerMemory(LIMITS)
  const buffer = new AnswerBuffer(memory)
  const parts = Array.from({ length: 31 }, (_, part) => Buffer.alloc(MIB / 2, part))
  for (const part of parts) expect(buffer.add(part)).toBeNull()
  const taken = buffer.take()
  const next = new AnswerBuffer(memory)
  for (const part of parts) next.add(part.fill(255))
  parts.forEach((part, index) => {
    const read = taken.subarray((index * MIB) / 2, ((index + 1) * MIB) / 2)
    expect(read.equals(Buffer.alloc(part.length, index))).toBe(true)
  })
  expect(taken.length).toBe((31 * MIB) / 2)
})

test('an answer may be as large as the limit, and no larger', () => {
  const buffer = new AnswerBuffer(createAnswerMemory({ ...LIMITS, maxAnswerBytes: 10 }))
  expect(buffer.add(Buffer.from('12345'))).toBeNull()
  expect(buffer.add(Buffer.from('67890'))).toBeNull()
  expect(buffer.add(Buffer.from('!'))).toBe('answer is over 10 bytes')
})

test('single bytes take no more than twice their number', () => {
  const memory = createAnswerMemory(LIMITS)
  const buffer = new AnswerBuffer(memory)
  const byte = Buffer.from('x')
  for (let length = 1; length <= 100_000; length += 1) {
    buffer.add(byte)
    if (memory.heldBytes > 2 * length) throw new Error(`${memory.heldBytes} bytes are held for ${length}`)
  }
  expect(memory.heldBytes).toBeGreaterThanOrEqual(100_000)
})

test('with too much held, answers beyond their share are given up, and small ones pass', () => {
  const memory = createAnswerMemory(LIMITS)
  const large = Array.from({ length: 8 }, () => new AnswerBuffer(memory))
  for (const buffer of large) expect(buffer.add(Buffer.alloc(8 * MIB))).toBeNull()
  expect(new AnswerBuffer(memory).add(Buffer.alloc(MIB))).toBeNull()
  expect(new AnswerBuffer(memory).add(Buffer.alloc(MIB + 1))).toContain('more than its share')
})

test('what was given up is held no more', () => {
  const memory = createAnswerMemory(LIMITS)
  const buffer = new AnswerBuffer(memory)
  for (let megabytes = 1; megabytes <= 16; megabytes += 1) buffer.add(Buffer.alloc(MIB))
  expect(memory.heldBytes).toBe(16 * MIB)
  buffer.giveUp()
  expect(memory.heldBytes).toBe(0)
})

test('what was taken is held no more', () => {
  const memory = createAnswerMemory(LIMITS)
  const buffers = Array.from({ length: 3 }, () => new AnswerBuffer(memory))
  for (const buffer of buffers) {
    buffer.add(Buffer.alloc(100))
    buffer.add(Buffer.alloc(1_000))
  }
  expect(memory.heldBytes).toBeGreaterThanOrEqual(3_300)
  for (const buffer of buffers) buffer.take()
  expect(memory.heldBytes).toBe(0)
})

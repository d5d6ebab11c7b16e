import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ServiceError } from '../errors.ts'
import { decodeCursor, encodeCursor, parsePage, toConnection } from './pagination.ts'

const position = z.tuple([z.number(), z.string()])

test('a cursor gives back what it was made of', () => {
  fc.assert(
    fc.property(fc.tuple(fc.integer(), fc.string({ unit: 'grapheme', maxLength: 50 })), (value) => {
      const cursor = encodeCursor('items', value)
      expect(cursor).toMatch(/^[\w-]+$/)
      expect(decodeCursor('items', cursor, position)).toEqual(value)
    }),
  )
})

test('the longest identifiers in any script make a cursor that is read again', () => {
  for (const character of ['漢', '\u0001', '"', '😀']) {
    const id = character.repeat(256 / character.length)
    expect(decodeCursor('items', encodeCursor('items', [id]), z.tuple([z.string()]))).toEqual([id])
  }
})

test('anything that is not a cursor of this list is refused with a typed error', () => {
  const strangers = [
    '',
    '!!!',
    'abc',
    'a'.repeat(5_000),
    Buffer.from('null').toString('base64url'),
    Buffer.from('{"a":1}').toString('base64url'),
    encodeCursor('users', [1, 'a']),
    encodeCursor('items', ['1', 'a']),
    encodeCursor('items', [1]),
  ]
  for (const cursor of strangers) {
    expect(() => decodeCursor('items', cursor, position)).toThrow(ServiceError)
  }
  fc.assert(
    fc.property(fc.string(), (cursor) => {
      expect(() => decodeCursor('items', cursor, position)).toThrow(/`after` is not a cursor/)
    }),
  )
})

test('a page is bounded, and 0 is a page', () => {
  expect(parsePage({ first: 20, after: 'x' }, { max: 100 })).toEqual({ first: 20, after: 'x' })
  expect(parsePage({ first: 0, after: null }, { max: 100 })).toEqual({ first: 0 })
  expect(parsePage({ first: null }, { max: 100 })).toEqual({ first: 100 })
  expect(parsePage({}, { max: 100, fallback: 20 })).toEqual({ first: 20 })
  expect(() => parsePage({ first: -1 }, { max: 100 })).toThrow('`first` is -1: ask for 0 to 100')
  expect(() => parsePage({ first: 101 }, { max: 100 })).toThrow(ServiceError)
})

test('a connection has edges, nodes, the ends’ cursors and whatever else an edge carries', () => {
  const edges = [
    { cursor: 'a', node: { id: 1 }, rank: 1 },
    { cursor: 'b', node: null, rank: 2 },
  ]
  expect(toConnection(edges, { hasNextPage: true, hasPreviousPage: false })).toEqual({
    edges,
    nodes: [{ id: 1 }, null],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: 'a', endCursor: 'b' },
  })
  expect(toConnection([], { hasNextPage: false, hasPreviousPage: false })).toEqual({
    edges: [],
    nodes: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  })
})

test('a list is counted when its total is asked for, and once', async () => {
  let counts = 0
  async function count() {
    counts += 1
    return 9
  }
  const connection = toConnection([], { hasNextPage: false, hasPreviousPage: false, count })
  expect(counts).toBe(0)
  expect(await Promise.all([connection.totalCount(), connection.totalCount()])).toEqual([9, 9])
  expect(counts).toBe(1)
})

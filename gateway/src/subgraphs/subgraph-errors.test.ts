import { expect, test } from 'vitest'
import { readSubgraphErrors, summarize } from './subgraph-errors.ts'

const ROOT = { subgraph: 'personalization', ofEntities: false }
const ENTITIES = { subgraph: 'personalization', ofEntities: true }

test('of an error its message, path, code, retryable and details pass, and nothing else', () => {
  const hostile = {
    message: 'no such model',
    path: ['modelVersion', 0, 'id'],
    locations: [{ line: 1, column: 1 }],
    stack: 'Error\n    at /srv/app.ts:1',
    extensions: {
      code: 'NOT_FOUND',
      retryable: true,
      details: { limit: 500 },
      url: 'http://10.0.0.7:4001/graphql',
      serviceName: 'forged',
      stacktrace: ['Error', '    at /srv/app.ts:1'],
      exception: { nested: { stacktrace: ['at /srv/app.ts:1'] } },
      response: { body: 'raw' },
    },
  }
  expect(readSubgraphErrors([hostile], ROOT)).toEqual([
    {
      message: 'no such model',
      path: ['modelVersion', 0, 'id'],
      extensions: { code: 'NOT_FOUND', retryable: true, details: { limit: 500 } },
    },
  ])
})

test.each([
  null,
  'a string',
  [],
  {},
  { message: 'connect http://10.0.0.7:4001 at /srv/app.ts' },
  { message: 'connect http://10.0.0.7:4001 at /srv/app.ts', extensions: { code: 7 } },
  { message: { nested: true }, extensions: { code: 'X' } },
  {
    message: 'connect http://10.0.0.7:4001 at /srv/app.ts',
    extensions: { code: 'INTERNAL_SERVER_ERROR', details: { at: '/srv/app.ts' } },
  },
])('the message of an error without a code for clients, %j, does not pass', (error) => {
  expect(readSubgraphErrors([error], ROOT)).toEqual([
    { message: 'personalization failed at this field', extensions: { code: 'INTERNAL', retryable: true } },
  ])
})

test.each([
  [['item', 0, 'id'], ROOT, ['item', 0, 'id']],
  [[], ROOT, undefined],
  ['item', ROOT, undefined],
  [['item', { a: 1 }], ROOT, undefined],
  [['_entities', 3, 'exposures'], ENTITIES, ['_entities', 3, 'exposures']],
  [['_entities'], ENTITIES, undefined],
  [['_entities', 'x'], ENTITIES, undefined],
])('of the path %j under %j stays %j', (path, fetch, expected) => {
  const [error] = readSubgraphErrors([{ message: 'm', path, extensions: { code: 'X' } }], fetch)
  expect(error?.path).toEqual(expected)
})

test('messages, details and their number are bounded', () => {
  const error = (details: unknown) => ({ message: 'x'.repeat(5_000), extensions: { code: 'X', details } })
  const read = readSubgraphErrors(
    Array.from({ length: 1_000 }, () => error({ text: 'y'.repeat(5_000) })),
    ROOT,
  )
  expect(read).toHaveLength(200)
  expect(read[0]?.message).toHaveLength(1_000)
  expect(read[0]?.extensions).toEqual({ code: 'X', retryable: false })
  expect(readSubgraphErrors([error(['no', 'record'])], ROOT)[0]?.extensions).not.toHaveProperty('details')
})

test('a summary is the first error without a path, with its details', () => {
  const errors = readSubgraphErrors(
    [
      { message: 'there', path: ['a'], extensions: { code: 'A' } },
      { message: 'everywhere', extensions: { code: 'B', retryable: true, details: { queue: 3 } } },
    ],
    ROOT,
  )
  expect(summarize(errors, 'personalization')).toEqual({
    message: 'everywhere',
    code: 'B',
    retryable: true,
    details: { queue: 3 },
  })
  expect(summarize([], 'personalization')).toEqual({
    message: 'personalization failed at this field',
    code: 'INTERNAL',
    retryable: true,
  })
})

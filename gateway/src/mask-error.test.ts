import { createLogger } from '@bulkhead/service/logging'
import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { maskSubgraphError } from './mask-error.ts'

const SCOPE = { requestId: 'request-0001', log: createLogger({ service: 'test', level: 'silent' }) }

function mask(error: unknown) {
  const formatted = error instanceof GraphQLError ? error.toJSON() : { message: String(error) }
  return maskSubgraphError(formatted, error, SCOPE)
}

test('the public form of a subgraph’s error names the subgraph and the request, and leaves the rest behind', () => {
  const error = new GraphQLError('too late', {
    path: ['recommendations', 'exposures'],
    originalError: new Error('connect http://10.0.0.7:4002'),
    extensions: {
      serviceName: 'experimentation',
      code: 'SUBGRAPH_DEADLINE',
      retryable: true,
      details: { queue: 3 },
      url: 'http://10.0.0.7:4002',
      stacktrace: ['at /srv/app.ts:1'],
      response: { body: { stack: 'at /srv/app.ts:1' } },
    },
  })
  expect(mask(error)).toEqual({
    message: 'too late',
    path: ['recommendations', 'exposures'],
    extensions: {
      code: 'SUBGRAPH_DEADLINE',
      subgraph: 'experimentation',
      retryable: true,
      requestId: 'request-0001',
      details: { queue: 3 },
    },
  })
})

test('an error without a path or details has neither', () => {
  const error = new GraphQLError('no', { extensions: { serviceName: 'experimentation', code: 'X' } })
  expect(mask(error)).toEqual({
    message: 'no',
    extensions: { code: 'X', subgraph: 'experimentation', retryable: false, requestId: 'request-0001' },
  })
})

test.each([
  ['a plain error', new Error('x')],
  ['an error of no subgraph', new GraphQLError('x', { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })],
  ['an error without a code', new GraphQLError('x', { extensions: { serviceName: 'experimentation' } })],
])('%s is left to the formatter of every service', (_name, error) => {
  expect(mask(error)).toBeUndefined()
})

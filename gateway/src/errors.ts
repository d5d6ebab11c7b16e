import { defineErrors } from '@bulkhead/service/errors'

/**
 * The errors of the gateway itself. For those at a field, the HTTP status is 200, since the rest of the answer is good.
 */
export const GATEWAY_ERRORS = defineErrors({
  UNAUTHORIZED_FIELD_OR_TYPE: {
    meaning: 'The caller lacks the identity or the scopes that the field, or its type, needs; it is null.',
    retryable: false,
    whatToDo: 'Send a token with the scopes that the message names.',
    httpStatus: 200,
  },
  IDENTITY_UNAVAILABLE: {
    meaning: 'The token cannot be verified, because the keys of its issuer are out of reach.',
    retryable: true,
    whatToDo: 'Try again with backoff.',
    httpStatus: 503,
  },
  SUBGRAPH_DEADLINE: {
    meaning: 'A subgraph did not answer within its deadline; the field at the path is null.',
    retryable: true,
    whatToDo: 'Use the rest of the answer; ask again later for the field at the path.',
    httpStatus: 200,
  },
  SUBGRAPH_UNAVAILABLE: {
    meaning:
      'A subgraph could not be reached, refused the gateway, or has too many requests waiting; the field at the path is null.',
    retryable: true,
    whatToDo: 'Use the rest of the answer; ask again later for the field at the path.',
    httpStatus: 200,
  },
  SUBGRAPH_INVALID_RESPONSE: {
    meaning: 'A subgraph answered with something that is not a GraphQL response, or is too large.',
    retryable: false,
    whatToDo: 'Tell the operators, with the request id.',
    httpStatus: 200,
  },
})

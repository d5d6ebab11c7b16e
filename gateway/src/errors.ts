import { defineErrors } from '@bulkhead/service/errors'

/** What can go wrong between the gateway and a subgraph. The HTTP status is 200, since the rest of the answer is good. */
export const GATEWAY_ERRORS = defineErrors({
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

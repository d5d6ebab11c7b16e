import { defineErrors } from '@bulkhead/service/errors'

/**
 * The errors of the gateway itself. For those at a field, the HTTP status is 200, since the rest of the answer is good.
 * An exceeded limit has `details.limit: { name, max, measured }`.
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
  BATCHING_NOT_SUPPORTED: {
    meaning: 'The body is a list of operations.',
    retryable: false,
    whatToDo: 'Send each operation in a request of its own.',
    httpStatus: 400,
  },
  DOCUMENT_LENGTH_LIMIT_EXCEEDED: {
    meaning: 'The document has more characters than `MAX_DOCUMENT_LENGTH` allows.',
    retryable: false,
    whatToDo: 'Send values as variables, and split the operation.',
    httpStatus: 400,
  },
  TOKEN_LIMIT_EXCEEDED: {
    meaning: 'The document has more lexical tokens than `MAX_TOKENS` allows.',
    retryable: false,
    whatToDo: 'Send values as variables, and split the operation.',
    httpStatus: 400,
  },
  DEPTH_LIMIT_EXCEEDED: {
    meaning: 'The operation nests deeper than `MAX_DEPTH` allows, with fragments expanded.',
    retryable: false,
    whatToDo: 'Select less deep.',
    httpStatus: 400,
  },
  SELECTION_LIMIT_EXCEEDED: {
    meaning:
      'The document selects more fields than `MAX_SELECTIONS` allows, with fragments expanded. Those in a fragment with `@defer` count twice.',
    retryable: false,
    whatToDo: 'Split the operation.',
    httpStatus: 400,
  },
  ROOT_FIELD_LIMIT_EXCEEDED: {
    meaning: 'The operation has more root fields than `MAX_ROOT_FIELDS` allows, with fragments expanded.',
    retryable: false,
    whatToDo: 'Split the operation.',
    httpStatus: 400,
  },
  ALIAS_LIMIT_EXCEEDED: {
    meaning: 'The document has more aliases than `MAX_ALIASES` allows, with fragments expanded.',
    retryable: false,
    whatToDo: 'Split the operation.',
    httpStatus: 400,
  },
  DIRECTIVE_LIMIT_EXCEEDED: {
    meaning: 'The document has more directives than `MAX_DIRECTIVES` allows, with fragments expanded.',
    retryable: false,
    whatToDo: 'Put conditions at fragments instead of each of their fields.',
    httpStatus: 400,
  },
  DEFERRED_FRAGMENT_LIMIT_EXCEEDED: {
    meaning:
      'The document has more fragments with `@defer` than `MAX_DEFERRED_FRAGMENTS` allows, with fragments expanded.',
    retryable: false,
    whatToDo: 'Defer what is slow together in one fragment.',
    httpStatus: 400,
  },
  VARIABLE_LIMIT_EXCEEDED: {
    meaning: 'The variables hold more values than `MAX_VARIABLE_VALUES` allows.',
    retryable: false,
    whatToDo: 'Send less at once, in several requests.',
    httpStatus: 400,
  },
  COST_LIMIT_EXCEEDED: {
    meaning:
      'The operation costs more with these variables than `MAX_COST` allows, see the gateway’s README.',
    retryable: false,
    whatToDo: 'Ask for shorter lists, or split the operation.',
    httpStatus: 400,
  },
  SLICING_ARGUMENT_REQUIRED: {
    meaning: 'A list has none of the arguments that say how long it is (`@listSize`), or several.',
    retryable: false,
    whatToDo: 'Give exactly one of them, such as `first`, at the field that the message names.',
    httpStatus: 400,
  },
  INTROSPECTION_DISABLED: {
    meaning: 'The operation asks for the schema, which this gateway does not show.',
    retryable: false,
    whatToDo: 'Take the schema from where its owners publish it; operators can set `INTROSPECTION`.',
    httpStatus: 400,
  },
  RATE_LIMITED: {
    meaning: 'The client has sent more requests than `RATE_LIMIT_PER_SECOND` and `RATE_LIMIT_BURST` allow.',
    retryable: true,
    whatToDo: 'Wait for as many seconds as `retry-after` says.',
    httpStatus: 429,
  },
  PERSISTED_QUERY_HASH_MISMATCH: {
    meaning: 'The hash is not the SHA-256 of the document, in hexadecimal digits.',
    retryable: false,
    whatToDo: 'Hash the document exactly as it is sent.',
    httpStatus: 400,
  },
  OPERATION_NOT_IN_SAFELIST: {
    meaning: 'Only listed operations are executed, and this one is not listed.',
    retryable: false,
    whatToDo: 'Send the id or exactly the text of a listed operation; have new ones listed.',
    httpStatus: 403,
  },
})

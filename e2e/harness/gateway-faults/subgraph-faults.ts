import { gzipBomb } from '@bulkhead/gateway/subgraphs/testing/gzip-bomb'
import { writeGigabyte } from '@bulkhead/gateway/subgraphs/testing/write-gigabyte'
import type { Behaviour, Call } from './faulty-subgraph.ts'
import { answerStock } from './product-graph.ts'

/** Short, because faults without an answer cost it again and again. */
export const ENTITY_DEADLINE_MS = 1_200

/** What every wrong answer contains, and no answer to a client may. */
export const INTERNAL_HOST = 'db-7.internal'

const GIGABYTE = 1024 * 1024 * 1024

/** What clients are told of a fault. */
type Refusal = { readonly code: string; readonly message: string; readonly retryable: boolean }

/** What the subgraph `stock` does, and what the gateway makes of it. */
export type SubgraphFault = {
  readonly name: string
  readonly behaviour: Behaviour
  readonly refusal: Refusal
  /** Which products of an answer have no stock, by index; all of them if left out. */
  readonly failing?: readonly number[]
  /** Whether the gateway expands what it is sent until it is too long. */
  readonly isExpanded?: true
}

const DEADLINE: Refusal = {
  code: 'SUBGRAPH_DEADLINE',
  message: `stock did not answer within ${ENTITY_DEADLINE_MS} ms`,
  retryable: true,
}
const UNAVAILABLE: Refusal = {
  code: 'SUBGRAPH_UNAVAILABLE',
  message: 'stock is not available',
  retryable: true,
}
const UNREADABLE: Refusal = {
  code: 'SUBGRAPH_INVALID_RESPONSE',
  message: 'stock gave an answer that cannot be read',
  retryable: false,
}

function send(body: string | Buffer, headers: Record<string, string> = {}, status = 200): Behaviour {
  return ({ response }) => void response.writeHead(status, headers).end(body)
}

const HTML = [`<html>${INTERNAL_HOST}</html>`, { 'content-type': 'text/html' }] as const

export const FAULTS: readonly SubgraphFault[] = [
  {
    name: 'resets connections',
    behaviour: ({ request }) => void request.socket.resetAndDestroy(),
    refusal: UNAVAILABLE,
  },
  {
    name: 'resets connections in the middle of an answer',
    behaviour({ request, response }) {
      response.writeHead(200, { 'content-length': '1000' }).write(`{"data":{"_entities":[{"${INTERNAL_HOST}`)
      setImmediate(() => request.socket.resetAndDestroy())
    },
    refusal: UNAVAILABLE,
  },
  {
    name: 'is too slow',
    behaviour: (call) => void setTimeout(answerStock, 2 * ENTITY_DEADLINE_MS, call),
    refusal: DEADLINE,
  },
  {
    name: 'stops in the middle of a status line',
    behaviour: ({ request }) => void request.socket.write('HTTP/1.1 2'),
    refusal: DEADLINE,
  },
  { name: 'keeps sockets open and never reads', behaviour: 'deaf', refusal: DEADLINE },
  { name: 'answers 503 in HTML', behaviour: send(...HTML, 503), refusal: UNAVAILABLE },
  { name: 'answers HTML', behaviour: send(...HTML), refusal: UNREADABLE },
  {
    name: 'truncates JSON',
    behaviour: send(`{"data":{"_entities":[{"stock":1,"name":"${INTERNAL_HOST}`),
    refusal: UNREADABLE,
  },
  {
    name: 'gives no list of entities',
    behaviour: send(JSON.stringify({ data: { _entities: { stock: INTERNAL_HOST } } })),
    refusal: UNREADABLE,
  },
  {
    name: 'answers for too few entities',
    behaviour: send(JSON.stringify({ data: { _entities: [{ stock: 1 }] } })),
    refusal: { ...UNREADABLE, message: 'stock answered for other objects than it was asked for' },
  },
  {
    name: 'gives one value of a wrong type',
    behaviour: (call) => answerStock(call, { 1: INTERNAL_HOST }),
    refusal: { ...UNREADABLE, message: 'Product.stock has a value that its type does not allow' },
    failing: [1],
  },
  {
    name: 'fails at one entity and tells how',
    behaviour: failAtLast,
    failing: [2],
    refusal: {
      code: 'INTERNAL',
      message: 'stock failed at this field',
      retryable: true,
    },
  },
]

function failAtLast(call: Call): void {
  const error = {
    message: `connect ECONNREFUSED ${INTERNAL_HOST}`,
    path: ['_entities', 2, 'stock'],
    extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: [`at read (${INTERNAL_HOST}:1)`] },
  }
  answerStock(call, { 2: null }, [error])
}

/** Asked for a root field, which may take longer: a busy machine needs seconds for 16 MiB over each connection. */
export const GIGABYTE_FAULTS: readonly SubgraphFault[] = [
  {
    name: 'answers a gigabyte',
    behaviour: ({ response }) => writeGigabyte(response),
    refusal: UNREADABLE,
  },
  {
    name: 'answers a gigabyte and announces it',
    behaviour({ response }) {
      response.setHeader('content-length', String(GIGABYTE))
      writeGigabyte(response)
    },
    refusal: UNREADABLE,
  },
  {
    name: 'answers a megabyte that expands to a gigabyte',
    behaviour: send(gzipBomb(1_024), { 'content-encoding': 'gzip' }),
    refusal: UNREADABLE,
    isExpanded: true,
  },
]

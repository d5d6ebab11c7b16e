import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** One call of the gateway, to be answered in any way, or not at all. */
export type Call = {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** `deaf`: connections are accepted, but nothing is read from them, and they are never closed. */
export type Behaviour = ((call: Call) => void) | 'deaf'

export type FaultySubgraph = {
  readonly url: string
  /** Also cuts all connections and counts anew. */
  behave(next: Behaviour): void
  calls(): number
  /** Calls whose connection was closed before their answer was complete. */
  cut(): number
  close(): Promise<void>
}

/** A subgraph in this process whose behaviour can be changed while it runs. */
export async function startFaultySubgraph(initial: Behaviour): Promise<FaultySubgraph> {
  let behaviour = initial
  let counts = { calls: 0, cut: 0 }
  const sockets = new Set<Socket>()

  const http = createHttpServer(async (request, response) => {
    const counted = counts
    counted.calls += 1
    response.once('close', () => {
      if (!response.writableFinished) counted.cut += 1
    })
    // Null where the connection was cut in the middle of the request.
    const body = await text(request).catch(() => null)
    if (body === null || behaviour === 'deaf') return
    const { query, variables = {} } = JSON.parse(body)
    behaviour({ query, variables, request, response })
  })
  // Half-open connections are allowed, so that a deaf subgraph keeps its half of one that the gateway has closed.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    if (behaviour !== 'deaf') http.emit('connection', socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function cutConnections(): void {
    for (const socket of sockets) socket.destroy()
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    behave(next) {
      behaviour = next
      cutConnections()
      counts = { calls: 0, cut: 0 }
    },
    calls: () => counts.calls,
    cut: () => counts.cut,
    close() {
      cutConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

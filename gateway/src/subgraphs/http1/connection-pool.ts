import { Connection, type ConnectionOptions, type Origin } from './connection.ts'
import type { HttpExchange } from './http-exchange.ts'

/** How often idle connections are looked through for those that the server may be about to close. */
const SWEEP_MS = 1_000
const STALE = new Error('the connection was idle for too long')
const CLOSED = new Error('the client is closed')

/** The connections to one server, each with one request at a time. */
export type ConnectionPool = {
  /** Sends the request as soon as there is a connection. It does not end before this returns. */
  post(exchange: HttpExchange): void
  /** Waits for the requests under way, then ends all connections. What is posted from now on fails. */
  close(): Promise<void>
  /** Ends everything at once. */
  destroy(): void
  isClosed(): boolean
}

/** @param options.maxConnections further requests wait for one of them */
export function createConnectionPool(
  origin: Origin,
  options: { readonly maxConnections: number; readonly connectTimeoutMs: number },
): ConnectionPool {
  const { maxConnections, connectTimeoutMs } = options
  const open = new Set<Connection>()
  /** The one that was used last is taken first, so that those that are not needed become stale. */
  const idle: Connection[] = []
  /** Requests for which there is no connection yet. */
  const waiting: HttpExchange[] = []
  const end = Promise.withResolvers<void>()
  let isClosed = false
  const sweeper = setInterval(endStale, SWEEP_MS).unref()

  const ofConnection: ConnectionOptions = {
    connectTimeoutMs,
    tlsSession: { latest: undefined },
    onFree(connection) {
      // Used again only after the event loop has read from all connections once: a server that closes it after an answer,
      // or sends more than the answer, is noticed before the next request is on it.
      setImmediate(() => setImmediate(offer, connection))
    },
    onGone(connection) {
      open.delete(connection)
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
      // Once its exchange has ended.
      setImmediate(goOn)
    },
  }

  function offer(connection: Connection): void {
    if (connection.isGone) return
    idle.push(connection)
    sendWaiting()
    if (isClosed) endIdle()
  }

  function sendWaiting(): void {
    for (;;) {
      while (waiting[0]?.hasEnded) waiting.shift()
      const [next] = waiting
      if (!next) return
      let connection: Connection | undefined
      try {
        connection = takeIdle() ?? connect()
      } catch (error) {
        waiting.shift()
        setImmediate(() => next.fail(error as Error))
        continue
      }
      if (!connection) return
      waiting.shift()
      connection.send(next)
    }
  }

  function goOn(): void {
    sendWaiting()
    if (isClosed && open.size === 0) end.resolve()
  }

  function takeIdle(): Connection | undefined {
    const now = performance.now()
    let connection = idle.pop()
    while (connection?.isStale(now)) {
      connection.destroy(STALE)
      connection = idle.pop()
    }
    return connection
  }

  /** Undefined where there are as many as there may be. */
  function connect(): Connection | undefined {
    if (open.size >= maxConnections) return undefined
    const connection = new Connection(origin, ofConnection)
    open.add(connection)
    return connection
  }

  function endStale(): void {
    const now = performance.now()
    for (const connection of idle.filter((each) => each.isStale(now))) connection.destroy(STALE)
  }

  function endIdle(): void {
    for (const connection of [...idle]) connection.destroy(CLOSED)
  }

  function stop(): void {
    isClosed = true
    clearInterval(sweeper)
  }

  return {
    post(exchange) {
      if (isClosed) {
        setImmediate(() => exchange.fail(CLOSED))
        return
      }
      waiting.push(exchange)
      sendWaiting()
    },
    close() {
      stop()
      endIdle()
      setImmediate(goOn)
      return end.promise
    },
    destroy() {
      stop()
      for (const exchange of waiting.splice(0)) exchange.fail(CLOSED)
      for (const connection of [...open]) connection.destroy(CLOSED)
    },
    isClosed: () => isClosed,
  }
}

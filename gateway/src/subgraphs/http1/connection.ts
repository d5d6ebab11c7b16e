import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { HttpExchange } from './http-exchange.ts'

/** Where requests go. */
export type Origin = { readonly secure: boolean; readonly host: string; readonly port: number }

const TCP_KEEP_ALIVE_MS = 60_000
/** How long an idle connection is kept where the server does not say how long it keeps it. */
const IDLE_MS = 4_000
/** So much less than the server says, since its clock began before ours. */
const IDLE_MARGIN_MS = 2_000
const MAX_IDLE_MS = 600_000

/**
 * What all connections read into. Each reads everything out of it before the next one gets to it, and so none needs memory
 * of its own.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024)

export type ConnectionOptions = {
  readonly connectTimeoutMs: number
  /** What the next TLS connection begins with, so that it need not exchange certificates again. */
  readonly tlsSession: { latest: Buffer | undefined }
  /** The exchange has ended, and the connection can take another one, unless it ends. */
  readonly onFree: (connection: Connection) => void
  /** Called once: it can take nothing any more. */
  readonly onGone: (connection: Connection) => void
}

/** One connection, for one exchange at a time. */
export class Connection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #connectTimer: NodeJS.Timeout
  #exchange: HttpExchange | null = null
  #isGone = false
  #idleMs = IDLE_MS
  #freeSince = 0

  /** @throws where there cannot be such a connection */
  constructor(origin: Origin, options: ConnectionOptions) {
    this.#options = options
    this.#socket = origin.secure ? this.#openTls(origin) : this.#openTcp(origin)
    this.#socket.setNoDelay(true)
    this.#socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS)
    this.#connectTimer = setTimeout(
      () => this.#end(new Error(`no connection within ${options.connectTimeoutMs} ms`)),
      options.connectTimeoutMs,
    )
    this.#socket
      .once(origin.secure ? 'secureConnect' : 'connect', () => clearTimeout(this.#connectTimer))
      .on('end', () => this.#onEnd())
      .on('error', (error) => this.#end(error))
      .on('close', () => this.#end(new Error('the subgraph closed the connection')))
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** Whether the server may be about to close it. */
  isStale(now: number): boolean {
    return now - this.#freeSince >= this.#idleMs
  }

  send(exchange: HttpExchange): void {
    this.#exchange = exchange
    exchange.connection = this
    this.#socket.write(exchange.request)
  }

  /** Ends it, and with it the exchange that it has. */
  destroy(error: Error): void {
    this.#end(error)
  }

  #openTcp({ host, port }: Origin): Socket {
    const callback = (length: number) => {
      this.#onRead(READ_BUFFER.subarray(0, length))
      return true
    }
    return connectTcp({ host, port, onread: { buffer: READ_BUFFER, callback } })
  }

  #openTls({ host, port }: Origin): Socket {
    const { tlsSession } = this.#options
    const socket = connectTls({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
      session: tlsSession.latest,
    })
    return socket
      .on('data', (bytes) => this.#onRead(bytes))
      .on('session', (session) => {
        tlsSession.latest = session
      })
      .on('error', () => {
        // It may be the session that the server does not want.
        tlsSession.latest = undefined
      })
  }

  #onRead(bytes: Buffer): void {
    const exchange = this.#exchange
    // Nothing was asked, so nobody knows what it would be an answer to.
    if (exchange === null) {
      this.#end(new Error('the subgraph sent what it was not asked for'))
      return
    }
    const read = exchange.reader.read(bytes)
    if (read === null) return
    const { head } = exchange.reader
    this.#exchange = null
    // What is sent before the request has been read to its end may be followed by a closed connection.
    const isReusable =
      read.result.type === 'response' &&
      read.surplus === 0 &&
      head?.keepsAlive === true &&
      this.#socket.writableLength === 0
    if (isReusable) this.#free(head.idleSeconds)
    else this.#end(new Error('the connection is not used again'))
    exchange.finish(read.result)
  }

  #free(idleSeconds: number | null): void {
    this.#idleMs =
      idleSeconds === null ? IDLE_MS : Math.min(idleSeconds * 1_000 - IDLE_MARGIN_MS, MAX_IDLE_MS)
    this.#freeSince = performance.now()
    this.#options.onFree(this)
  }

  #onEnd(): void {
    const exchange = this.#exchange
    const result = exchange?.reader.end() ?? null
    if (result !== null) this.#exchange = null
    this.#end(new Error('the subgraph closed the connection'))
    if (result !== null) exchange?.finish(result)
  }

  /** The first reason is the one that counts. */
  #end(error: Error): void {
    if (this.#isGone) return
    this.#isGone = true
    clearTimeout(this.#connectTimer)
    this.#socket.destroy()
    const exchange = this.#exchange
    this.#exchange = null
    this.#options.onGone(this)
    exchange?.fail(error)
  }
}

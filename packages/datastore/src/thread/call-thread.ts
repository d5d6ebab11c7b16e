import { Worker } from 'node:worker_threads'
import { DatastoreUnavailableError } from '../errors.ts'
import { fromFailure, type Reply, type Request } from './messages.ts'

export type ThreadCalls<Store> = {
  /** Rejects as the method does, and with DatastoreUnavailableError where the thread has ended meanwhile. */
  call<Method extends keyof Store & string>(
    method: Method,
    ...args: ParametersOf<Store[Method]>
  ): Promise<ResultOf<Store[Method]>>
  /** Calls `close` there and waits for the thread to end. Later calls are refused. */
  close(): Promise<void>
}

type ParametersOf<F> = F extends (...args: infer Args) => unknown ? Args : never
type ResultOf<F> = F extends (...args: never[]) => Promise<infer Result> ? Result : never

type Waiting = { resolve(value: unknown): void; reject(error: unknown): void }
type Thread = {
  readonly worker: Worker
  readonly ended: Promise<void>
  readonly waiting: Map<number, Waiting>
}

/**
 * Calls the methods of an object that lives on a thread of its own (`./answer-calls.ts`), in the order of the calls. The
 * first call starts the thread. If it has ended, the next call starts it again.
 * @param main the thread's module
 * @param data what the module finds as its `workerData`
 * @param what names it in errors, such as `SQLite`
 */
export function callThread<Store>(main: URL, data: unknown, what: string): ThreadCalls<Store> {
  let thread: Thread | null = null
  let closed = false
  let lastId = 0

  function start(): Thread {
    const worker = new Worker(main, { workerData: data })
    const ended = Promise.withResolvers<void>()
    const started: Thread = { worker, ended: ended.promise, waiting: new Map() }
    function end(cause: unknown) {
      if (thread === started) thread = null
      // Whether the last writes are there is not known; callers repeat them, and ids make that harmless.
      const error = new DatastoreUnavailableError(`${what}: its thread has ended`, { cause })
      for (const { reject } of started.waiting.values()) reject(error)
      started.waiting.clear()
      ended.resolve()
    }
    worker.on('message', (reply: Reply) => settle(started, reply))
    worker.on('error', end)
    worker.on('exit', end)
    return started
  }

  function settle({ worker, waiting }: Thread, reply: Reply): void {
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    // Whoever closes waits for the end of the thread, and the process must not end before.
    if (waiting.size === 0 && !closed) worker.unref()
    if (reply.type === 'returned') call?.resolve(reply.value)
    else call?.reject(fromFailure(reply.failure))
  }

  function post({ worker, waiting }: Thread, method: string, args: readonly unknown[]): Promise<unknown> {
    lastId += 1
    const request: Request = { id: lastId, method, args }
    return new Promise((resolve, reject) => {
      worker.postMessage(request)
      waiting.set(request.id, { resolve, reject })
      // A thread that has work keeps the process alive, an idle one does not.
      worker.ref()
    })
  }

  return {
    call(method, ...args) {
      if (closed) return Promise.reject(new DatastoreUnavailableError(`${what}: database is not open`))
      thread ??= start()
      return post(thread, method, args) as Promise<never>
    },
    async close() {
      if (closed) return
      closed = true
      if (thread === null) return
      const { ended } = thread
      await post(thread, 'close', [])
      await ended
    },
  }
}

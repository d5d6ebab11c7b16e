import { type ResourceLimits, Worker } from 'node:worker_threads'
import { wholeBuffers } from './hand-over.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'
import { type ErrorClasses, fromFailure, METHOD_NAMES, type Reply, type Request } from './messages.ts'

/** The thread has ended before its answer, or is closed. */
export class ThreadEndedError extends Error {
  override readonly name = 'ThreadEndedError'
}

export type ThreadCalls<Target> = {
  /**
   * Rejects as the method does, and with `ended` where the thread has ended meanwhile. The arguments are copied at the end of
   * this turn of the event loop: do not change them before.
   */
  call<Method extends keyof Target & string>(
    method: Method,
    ...args: ParametersOf<Target[Method]>
  ): Promise<ResultOf<Target[Method]>>
  /** As `call`, with arrays among the arguments whose memory is handed over instead of copied: they are empty afterwards. */
  callHandingOver<Method extends keyof Target & string>(
    arrays: readonly Uint8Array[],
    method: Method,
    ...args: ParametersOf<Target[Method]>
  ): Promise<ResultOf<Target[Method]>>
  /** The methods of the object; starts the thread, and rejects as making the object does. */
  methodNames(): Promise<readonly string[]>
  /**
   * Ends the thread whatever it is doing, be it an endless loop, and waits for its end; what it was asked rejects with
   * `ended`. The next call starts it again.
   */
  kill(): Promise<void>
  /**
   * CPU time of the thread since its start, milliseconds, also while it loops; null where none runs. A thread that gets no
   * CPU time, or blocks, answers later or never.
   */
  cpuMs(): Promise<number | null>
  /** Calls `close` there and waits for the thread to end; rejects as that does. Later calls reject with `ended`. */
  close(): Promise<void>
}

type ParametersOf<F> = F extends (...args: infer Args) => unknown ? Args : never
type ResultOf<F> = F extends (...args: never[]) => Promise<infer Result> ? Result : never

type Waiting = { resolve(value: unknown): void; reject(error: unknown): void }
type Thread = {
  readonly worker: Worker
  readonly ended: Promise<void>
  readonly waiting: Map<number, Waiting>
  readonly requests: Mailbox<Request>
  /** What its calls got that it did not answer; null while it runs. */
  endError: Error | null
}

export type ThreadOptions = {
  /** The thread's module. */
  readonly main: URL
  /** What the module finds as its `workerData`. */
  readonly data?: unknown
  /** A thread that needs more memory of V8 than this ends, and the process goes on. */
  readonly resourceLimits?: ResourceLimits
  /** Errors of these classes keep their class. */
  readonly errors?: ErrorClasses
  /** Makes the error of calls that a thread did not answer because it has ended, or is closed; ThreadEndedError by default. */
  readonly ended?: (why: string, cause?: unknown) => Error
}

/**
 * Calls the methods of an object that lives on a thread of its own (`./answer-calls.ts`), in the order of the calls. The
 * first call starts the thread. If it has ended, the next call starts it again. While it is idle it keeps no process alive.
 */
export function callThread<Target>(options: ThreadOptions): ThreadCalls<Target> {
  const {
    main,
    data,
    resourceLimits = {},
    errors = {},
    ended: toError = (why, cause) => new ThreadEndedError(why, { cause }),
  } = options
  let thread: Thread | null = null
  let closing: Promise<void> | null = null
  let lastId = 0

  function start(): Thread {
    const worker = new Worker(main, { workerData: data, resourceLimits })
    const ended = Promise.withResolvers<void>()
    const waiting = new Map<number, Waiting>()
    const requests = createMailbox<Request>(
      (sent, buffers) => worker.postMessage(sent, buffers),
      ({ id }, error) => {
        waiting.get(id)?.reject(error)
        forget(started, id)
      },
    )
    const started: Thread = { worker, ended: ended.promise, waiting, requests, endError: null }
    function end(cause: unknown) {
      if (thread === started) thread = null
      const error = toError('its thread has ended', cause)
      started.endError ??= error
      for (const { reject } of started.waiting.values()) reject(error)
      started.waiting.clear()
      ended.resolve()
    }
    worker.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) settle(started, reply)
    })
    worker.on('error', end)
    worker.on('exit', end)
    return started
  }

  function forget({ worker, waiting }: Thread, id: number): void {
    waiting.delete(id)
    // Whoever closes waits for the end of the thread, and the process must not end before.
    if (waiting.size === 0 && closing === null) worker.unref()
  }

  function settle(thread: Thread, reply: Reply): void {
    const call = thread.waiting.get(reply.id)
    forget(thread, reply.id)
    if (reply.type === 'returned') call?.resolve(reply.value)
    else call?.reject(fromFailure(reply.failure, errors))
  }

  function post(
    { worker, waiting, requests }: Thread,
    method: string,
    args: readonly unknown[],
    arrays: readonly Uint8Array[] = [],
  ): Promise<unknown> {
    lastId += 1
    const request: Request = { id: lastId, method, args }
    return new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject })
      requests.put(request, wholeBuffers(arrays))
      // A thread that has work keeps the process alive, an idle one does not.
      if (waiting.size === 1) worker.ref()
    })
  }

  function send(method: string, args: readonly unknown[], arrays?: readonly Uint8Array[]): Promise<unknown> {
    if (closing !== null) return Promise.reject(toError('it is closed', undefined))
    thread ??= start()
    return post(thread, method, args, arrays)
  }

  async function closeThread(open: Thread): Promise<void> {
    try {
      await post(open, 'close', [])
    } catch (error) {
      // A thread that dies while it closes is closed. Its end may come in the same turn as its answer, so only the error tells.
      if (error !== open.endError) throw error
    } finally {
      await open.ended
    }
  }

  return {
    call: (method, ...args) => send(method, args) as Promise<never>,
    callHandingOver: (arrays, method, ...args) => send(method, args, arrays) as Promise<never>,
    async kill() {
      await thread?.worker.terminate()
    },
    async cpuMs() {
      try {
        const usage = await thread?.worker.cpuUsage()
        return usage === undefined ? null : (usage.user + usage.system) / 1000
      } catch {
        // It has not begun, or has ended meanwhile.
        return null
      }
    },
    methodNames: () => send(METHOD_NAMES, []) as Promise<readonly string[]>,
    close() {
      closing ??= thread === null ? Promise.resolve() : closeThread(thread)
      return closing
    },
  }
}

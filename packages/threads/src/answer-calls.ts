import { parentPort } from 'node:worker_threads'
import { buffersToHandOver } from './hand-over.ts'
import { createMailbox } from './mailbox.ts'
import { METHOD_NAMES, type Reply, type Request, toFailure } from './messages.ts'

/** What a thread does for others; every method takes and returns plain data. */
export type Methods = {
  readonly [method: string]: (...args: never[]) => Promise<unknown>
}

/**
 * Answers the calls of `./call-thread.ts` in the thread: with an object's methods, until its `close` has run.
 * @param open makes the object, by the first call and again by the next one where it throws: then the call fails
 */
export function answerCalls(open: () => Methods & { close(): Promise<void> }): void {
  const port = inThread()
  let opened: Methods | undefined

  async function answer({ id, method, args }: Request): Promise<Reply> {
    try {
      // A thread that is closed before its first call has nothing to close.
      if (opened === undefined && method === 'close') return { id, type: 'returned', value: undefined }
      opened ??= open()
      if (method === METHOD_NAMES) return { id, type: 'returned', value: Object.keys(opened) }
      const called = opened[method]
      if (called === undefined) throw new Error(`the thread has no method ${method}`)
      return { id, type: 'returned', value: await called(...(args as never[])) }
    } catch (error) {
      return { id, type: 'threw', failure: toFailure(error) }
    }
  }

  const running = new Set<Promise<void>>()
  const replies = createMailbox<Reply>((waiting, buffers) => port.postMessage(waiting, buffers), refuse)

  /** A result that cannot be cloned fails its call only. */
  function refuse({ id }: Reply, error: unknown): void {
    port.postMessage([{ id, type: 'threw', failure: toFailure(error) } satisfies Reply])
  }

  async function reply(request: Request): Promise<void> {
    const answered = await answer(request)
    replies.put(answered, buffersToHandOver(answered.type === 'returned' ? answered.value : null))
  }

  function begin(request: Request): void {
    const replied = reply(request).finally(() => running.delete(replied))
    running.add(replied)
    if (request.method !== 'close') return
    // What was called before has its answer too.
    void Promise.all(running).then(() => {
      replies.empty()
      port.close()
    })
  }

  port.on('message', (requests: readonly Request[]) => {
    for (const request of requests) begin(request)
  })
}

function inThread(): NonNullable<typeof parentPort> {
  if (parentPort === null) throw new Error('answerCalls runs in a thread that somebody else has started')
  return parentPort
}

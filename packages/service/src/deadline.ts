/**
 * Waits for work at most `ms` milliseconds. What is given up may end as it likes: a later rejection is swallowed,
 * since nobody waits for it. An answer that arrived in time counts, even if the event loop was too busy to read it:
 * Node runs timers before it reads sockets, so after the timer it waits one more turn.
 *
 * @param work a promise, or a function that makes one; its signal aborts when the work is given up
 * @param onTimeout gives the outcome when time is up: an Error is thrown, anything else is the result
 * @param signal gives the work up at once when it aborts, by throwing its reason
 */
export async function withDeadline<T>(
  work: Promise<T> | ((signal: AbortSignal) => Promise<T> | T),
  ms: number,
  onTimeout: () => Error | NoInfer<T> | Promise<NoInfer<T>>,
  signal?: AbortSignal,
): Promise<T> {
  const controller = new AbortController()
  const givenUp = Promise.withResolvers<T>()

  function fail(reason: unknown): void {
    givenUp.reject(reason)
    controller.abort(reason)
  }

  function expire(): void {
    const outcome = onTimeout()
    if (outcome instanceof Error) fail(outcome)
    else {
      givenUp.resolve(outcome)
      // After the outcome is there: work that rejects when it is aborted must not win over it.
      void givenUp.promise.catch(() => undefined).finally(() => controller.abort())
    }
  }

  async function run(begin: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
    controller.signal.throwIfAborted()
    return begin(controller.signal)
  }

  const stop = () => fail(signal?.reason)
  let lastLook: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    lastLook = setImmediate(expire)
  }, ms)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  try {
    return await Promise.race([typeof work === 'function' ? run(work) : work, givenUp.promise])
  } finally {
    clearTimeout(timer)
    clearImmediate(lastLook)
    signal?.removeEventListener('abort', stop)
  }
}

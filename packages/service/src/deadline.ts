/**
 * Waits for a promise, or for one that the factory makes from a signal, at most `ms` milliseconds. The signal
 * aborts when time is up; a later rejection of the abandoned work is swallowed, its caller has gone.
 * @throws what `onTimeout` returns, if time is up
 */
export async function withDeadline<T>(
  work: Promise<T> | ((signal: AbortSignal) => Promise<T> | T),
  ms: number,
  onTimeout: () => Error,
): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = onTimeout()
      reject(error)
      controller.abort(error)
    }, ms)
  })
  try {
    const running = typeof work === 'function' ? (async () => work(controller.signal))() : work
    return await Promise.race([running, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** A response. Its `close` event says that the request is over: answered, or the connection lost. */
export type Closing = { once(event: 'close', listener: () => void): unknown }

export type Admission = {
  /** Takes a permit for a request before its body is read; null if all are taken. */
  admit(response: Closing): Permit | null
  /** Permits that are taken. */
  size(): number
}

export type Permit = {
  /** Keeps the permit while the work runs, even if the sender disconnects meanwhile. */
  during<T>(work: () => Promise<T>): Promise<T>
}

/**
 * A limit on the requests that are read and worked on at once, because their bodies take the memory. A permit is
 * released when the response is closed and no work for it is running.
 */
export function createAdmission(limit: number): Admission {
  let taken = 0
  return {
    admit(response) {
      if (taken >= limit) return null
      taken += 1
      let closed = false
      let working = false
      function release() {
        if (closed && !working) taken -= 1
      }
      response.once('close', () => {
        closed = true
        release()
      })
      return {
        async during(work) {
          working = true
          try {
            return await work()
          } finally {
            working = false
            release()
          }
        },
      }
    },
    size: () => taken,
  }
}

/** What tells that a request is over: the response, which closes with or before its connection. */
export type Closing = { once(event: 'close', listener: () => void): unknown }

export type Admission = {
  /** Takes a place for a request before its body is read; null where all are taken. */
  admit(response: Closing): Place | null
  /** Places that are taken. */
  size(): number
}

export type Place = {
  /** Keeps the place while the work runs, even if the sender goes away meanwhile. */
  during<T>(work: () => Promise<T>): Promise<T>
}

/**
 * A limit on the requests that are read and worked on at once, since their bodies are what memory is spent on. A
 * place is free again when the response is done or its connection lost, and no work goes on for it.
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

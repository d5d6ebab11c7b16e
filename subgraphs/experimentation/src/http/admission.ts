/** A response. Its `close` event says that the request is over: answered, or the connection lost. */
export type Closing = { once(event: 'close', listener: () => void): unknown }

export type AdmissionLimits = {
  /** Requests that are read and worked on at once, because their bodies take memory. */
  readonly requests: number
  /** Events that are worked on at once: what the store's queue takes. */
  readonly events: number
  /** Whether the store has fallen behind, and takes no more for now. */
  isBehind(): boolean
}

export type Admission = {
  /** Takes a permit for a request before its body is read; null if all are taken, or the store has fallen behind. */
  admit(response: Closing): Permit | null
  /** Permits that are taken. */
  requests(): number
  /** Events that are worked on. */
  events(): number
}

export type Permit = {
  /**
   * Runs the work on so many events, all of them or none: null, without any work, if they are too many now. The permit is
   * kept while the work runs, even if the sender disconnects meanwhile.
   */
  during<T>(events: number, work: () => Promise<T>): Promise<T> | null
}

/**
 * Backpressure of ingest: what cannot be worked on soon is refused as a whole, before any of it is stored. A permit is
 * released when the response is closed and no work for it is running.
 */
export function createAdmission(limits: AdmissionLimits): Admission {
  let requests = 0
  let events = 0
  return {
    admit(response) {
      if (requests >= limits.requests || limits.isBehind()) return null
      requests += 1
      let closed = false
      let working = false
      function release() {
        if (closed && !working) requests -= 1
      }
      response.once('close', () => {
        closed = true
        release()
      })
      async function run<T>(count: number, work: () => Promise<T>): Promise<T> {
        working = true
        events += count
        try {
          return await work()
        } finally {
          working = false
          events -= count
          release()
        }
      }
      return {
        during: (count, work) => (events + count > limits.events ? null : run(count, work)),
      }
    },
    requests: () => requests,
    events: () => events,
  }
}

/** Lets a bounded number of tasks run at the same time, and a bounded number wait for their turn in order. */
export type Bulkhead<T> = {
  /** Starts the task now or later; false when there is no room even to wait. */
  enter(task: T): boolean
  /** A started task has ended: the next one starts. */
  leave(): void
  /** Takes a task out of those waiting; false where it is not one of them. */
  forget(task: T): boolean
  /** Empties the queue, and returns what waited in it. */
  clear(): readonly T[]
  inFlight(): number
  queued(): number
}

export function createBulkhead<T>(options: {
  readonly maxInFlight: number
  readonly maxQueued: number
  readonly start: (task: T) => void
}): Bulkhead<T> {
  const { maxInFlight, maxQueued, start } = options
  // A set keeps the order, and can lose a task from its middle at once.
  const queue = new Set<T>()
  let inFlight = 0
  return {
    enter(task) {
      if (inFlight < maxInFlight) {
        inFlight += 1
        start(task)
        return true
      }
      if (queue.size >= maxQueued) return false
      queue.add(task)
      return true
    },
    leave() {
      for (const next of queue) {
        queue.delete(next)
        start(next)
        return
      }
      inFlight -= 1
    },
    forget: (task) => queue.delete(task),
    clear() {
      const waiting = [...queue]
      queue.clear()
      return waiting
    },
    inFlight: () => inFlight,
    queued: () => queue.size,
  }
}

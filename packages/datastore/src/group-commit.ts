/** An operation was added that does not fit into `maxQueue`; it is not stored. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
  readonly limit: number

  constructor(limit: number) {
    super(`the write queue holds its limit of ${limit} operations`)
    this.limit = limit
  }
}

export type GroupCommit<Op, Result> = {
  /**
   * Resolves with the operation's result once its batch is durable.
   * Rejects with QueueFullError at once, or with the failure of its batch.
   */
  add(op: Op): Promise<Result>
  /** The weight of the operations that are neither resolved nor rejected yet. */
  size(): number
  /** Resolves when everything added so far is settled. */
  drain(): Promise<void>
}

type GroupCommitOptions<Op, Result> = {
  /** Stores a batch in one transaction: all or nothing, one result per operation, in order. */
  commit(batch: Op[]): Promise<Result[]> | Result[]
  /** Upper bounds on the weight of a batch, which holds at least one operation, and of all that is pending. */
  maxBatch: number
  maxQueue: number
  /** 1 by default. */
  weight?(op: Op): number
  /** When to start a batch; the end of this turn of the event loop by default. */
  schedule?(flush: () => void): void
}

type Pending<Op, Result> = { op: Op; resolve(result: Result): void; reject(error: unknown): void }

/**
 * One fsync for everything that arrives in one turn of the event loop. Batches run one at a time, in the order
 * of arrival. A batch that fails rejects all of its operations. It is not retried in parts, because its
 * outcome may be unknown; callers repeat it, and ids make that harmless.
 */
export function createGroupCommit<Op, Result>(
  options: GroupCommitOptions<Op, Result>,
): GroupCommit<Op, Result> {
  const { commit, maxBatch, maxQueue, weight = () => 1 } = options
  const { schedule = (flush: () => void) => void setImmediate(flush) } = options
  if (maxBatch < 1 || maxQueue < 1) throw new RangeError('maxBatch and maxQueue must be at least 1')
  const queue: Pending<Op, Result>[] = []
  let inFlight = 0
  /** Of the queue and what is in flight. */
  let pendingWeight = 0
  let scheduled = false
  const drained: (() => void)[] = []

  function flushSoon(): void {
    if (scheduled) return
    scheduled = true
    schedule(() => void flush())
  }

  /** How many operations from the front of the queue have this weight at most, and one if the first alone has more. */
  function countUpTo(limit: number): number {
    let sum = 0
    const end = queue.findIndex(({ op }) => {
      sum += weight(op)
      return sum > limit
    })
    return end === -1 ? queue.length : Math.max(end, 1)
  }

  async function flush(): Promise<void> {
    const batch = queue.splice(0, countUpTo(maxBatch))
    inFlight = batch.length
    try {
      const results = await commit(batch.map(({ op }) => op))
      if (results.length !== batch.length) {
        throw new Error(`commit gave ${results.length} results for ${batch.length} operations`)
      }
      batch.forEach((pending, index) => {
        pending.resolve(results[index] as Result)
      })
    } catch (error) {
      for (const pending of batch) pending.reject(error)
    }
    for (const { op } of batch) pendingWeight -= weight(op)
    inFlight = 0
    scheduled = false
    if (queue.length > 0) return flushSoon()
    for (const resolve of drained.splice(0)) resolve()
  }

  return {
    add(op) {
      if (pendingWeight + weight(op) > maxQueue) return Promise.reject(new QueueFullError(maxQueue))
      pendingWeight += weight(op)
      return new Promise((resolve, reject) => {
        queue.push({ op, resolve, reject })
        flushSoon()
      })
    },
    size: () => pendingWeight,
    drain() {
      if (queue.length + inFlight === 0) return Promise.resolve()
      return new Promise((resolve) => {
        drained.push(resolve)
      })
    },
  }
}

import { Worker } from 'node:worker_threads'
import { serviceError } from '@bulkhead/service/errors'
import { analysePower, type PowerOutcome } from '../../analysis/power-analysis.ts'
import type { PowerQuestion } from '../../domain/plan/power-question.ts'
import { EXPERIMENTATION_ERRORS } from '../../errors.ts'

export type PowerThread = {
  /**
   * Answers a question without blocking the event loop.
   * @throws ServiceError PLANNING_OVERLOADED if too many are waiting
   */
  analyse(question: PowerQuestion): Promise<PowerOutcome>
}

/** Each takes a few tenths of a second. */
export const MAX_WAITING = 8

/**
 * A test with several looks is simulated, which takes up to 0.3 s: on a thread, one question at a time, so that serving
 * keeps its core. One look needs no more than some milliseconds, and is answered at once. The first question starts the
 * thread; while it is idle, it keeps no process alive.
 */
export function createPowerThread(): PowerThread {
  let thread: Worker | null = null
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  function start(): Worker {
    const worker = new Worker(new URL('./power-thread-main.ts', import.meta.url))
    worker.once('exit', () => {
      if (thread === worker) thread = null
    })
    // Whoever waits hears of it, too; without a listener it would end the process.
    worker.on('error', () => undefined)
    return worker
  }

  function ask(question: PowerQuestion): Promise<PowerOutcome> {
    thread ??= start()
    const worker = thread
    worker.ref()
    return new Promise<PowerOutcome>((resolve, reject) => {
      function settle(finish: () => void): void {
        worker.off('message', answered).off('error', reject).off('exit', ended)
        worker.unref()
        finish()
      }
      // What `power-thread-main.ts` sends.
      const answered = (outcome: PowerOutcome) => settle(() => resolve(outcome))
      const ended = () => settle(() => reject(new Error('the thread has ended before its answer')))
      worker.once('message', answered).once('error', reject).once('exit', ended)
      worker.postMessage(question)
    })
  }

  return {
    async analyse(question) {
      if (question.method === 'FIXED_HORIZON') return analysePower(question)
      if (waiting >= MAX_WAITING) throw serviceError(EXPERIMENTATION_ERRORS.PLANNING_OVERLOADED)
      waiting += 1
      const answer = last
        .then(() => ask(question))
        .finally(() => {
          waiting -= 1
        })
      last = answer.catch(() => undefined)
      return answer
    },
  }
}

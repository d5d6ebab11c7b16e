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
const MAX_WAITING = 8

/**
 * A test with several looks is simulated, which takes up to 0.3 s: on a thread, one question at a time, so that serving
 * keeps its core. One look needs no more than some milliseconds, and is answered at once.
 */
export function createPowerThread(): PowerThread {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    async analyse(question) {
      if (question.method === 'FIXED_HORIZON') return analysePower(question)
      if (waiting >= MAX_WAITING) throw serviceError(EXPERIMENTATION_ERRORS.PLANNING_OVERLOADED)
      waiting += 1
      const answer = last
        .then(() => analyseOnThread(question))
        .finally(() => {
          waiting -= 1
        })
      last = answer.catch(() => undefined)
      return answer
    },
  }
}

/** The thread ends with its answer. */
function analyseOnThread(question: PowerQuestion): Promise<PowerOutcome> {
  const worker = new Worker(new URL('./power-thread-main.ts', import.meta.url), { workerData: question })
  const { promise, resolve, reject } = Promise.withResolvers<PowerOutcome>()
  // What `power-thread-main.ts` sends.
  worker.once('message', (outcome: PowerOutcome) => resolve(outcome))
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('the thread has ended before its answer')))
  return promise
}

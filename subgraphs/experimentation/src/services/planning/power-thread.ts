import { serviceError } from '@bulkhead/service/errors'
import { callThread } from '@bulkhead/threads/call-thread'
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

/** What `power-thread-main.ts` answers. */
export type PowerCalls = { analyse(question: PowerQuestion): Promise<PowerOutcome> }

/** Each takes a few tenths of a second. */
export const MAX_WAITING = 8

/**
 * A test with several looks is simulated, which takes up to 0.3 s: on a thread, one question at a time, so that serving
 * keeps its core. One look needs no more than some milliseconds, and is answered at once.
 */
export function createPowerThread(): PowerThread {
  const thread = callThread<PowerCalls>({ main: new URL('./power-thread-main.ts', import.meta.url) })
  let waiting = 0
  return {
    async analyse(question) {
      if (question.method === 'FIXED_HORIZON') return analysePower(question)
      if (waiting >= MAX_WAITING) throw serviceError(EXPERIMENTATION_ERRORS.PLANNING_OVERLOADED)
      waiting += 1
      try {
        return await thread.call('analyse', question)
      } finally {
        waiting -= 1
      }
    },
  }
}

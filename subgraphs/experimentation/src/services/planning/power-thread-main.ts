import { answerCalls } from '@bulkhead/threads/answer-calls'
import { analysePower } from '../../analysis/power-analysis.ts'
import type { PowerCalls } from './power-thread.ts'

// Started by `power-thread.ts`.
answerCalls((): PowerCalls & { close(): Promise<void> } => ({
  analyse: async (question) => analysePower(question),
  async close() {},
}))

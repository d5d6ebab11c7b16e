import { parentPort } from 'node:worker_threads'
import { analysePower } from '../../analysis/power-analysis.ts'
import type { PowerQuestion } from '../../domain/plan/power-question.ts'

// Started by `power-thread.ts`, which sends one question at a time.
parentPort?.on('message', (question: PowerQuestion) => {
  parentPort?.postMessage(analysePower(question))
})

import { parentPort, workerData } from 'node:worker_threads'
import { analysePower } from '../../analysis/power-analysis.ts'

// Started by `power-thread.ts`, which has given it a question.
parentPort?.postMessage(analysePower(workerData))

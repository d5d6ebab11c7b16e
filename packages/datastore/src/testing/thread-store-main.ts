import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { answerCalls } from '@bulkhead/threads/answer-calls'
import { DatastoreStartupError } from '../errors.ts'

export type ThreadStore = {
  echo(text: string): Promise<string>
  crash(): Promise<void>
  close(): Promise<void>
}

/** A store that can be opened as long as its file is there. */
answerCalls((): ThreadStore => {
  if (!existsSync(workerData)) throw new DatastoreStartupError('there is no such file')
  return {
    echo: async (text) => text,
    async crash() {
      setImmediate(() => {
        throw new Error('nobody catches this')
      })
      await sleep(60_000)
    },
    async close() {},
  }
})

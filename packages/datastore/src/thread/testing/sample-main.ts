import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { DatastoreStartupError, DatastoreUnavailableError } from '../../errors.ts'
import { answerCalls } from '../answer-calls.ts'

export type Sample = ReturnType<typeof sample>

/** What the tests call in a thread. */
function sample() {
  const called: string[] = []
  let last = new Uint8Array()
  return {
    async echo<T>(value: T): Promise<T> {
      called.push('echo')
      return value
    },
    async slow(ms: number): Promise<string> {
      called.push('slow')
      await sleep(ms)
      return 'done'
    },
    async called(): Promise<readonly string[]> {
      return called
    },
    async fail(how: 'startup' | 'outage' | 'range' | 'other'): Promise<never> {
      if (how === 'startup') throw new DatastoreStartupError('move it away')
      if (how === 'outage') throw new DatastoreUnavailableError('the disk is full')
      if (how === 'range') throw new RangeError('at most 500')
      throw new TypeError('a bug')
    },
    async bytes(length: number): Promise<Uint8Array> {
      last = new Uint8Array(length).fill(7)
      return last
    },
    async lengthOfLast(): Promise<number> {
      return last.length
    },
    async crash(): Promise<void> {
      setImmediate(() => {
        throw new Error('nobody catches this')
      })
      await sleep(60_000)
    },
    async close(): Promise<void> {},
  }
}

answerCalls(() => {
  if (workerData === 'broken') throw new DatastoreStartupError('it is not a database')
  return sample()
})

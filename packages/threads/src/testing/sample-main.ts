import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { answerCalls } from '../answer-calls.ts'
import { handOver } from '../hand-over.ts'
import { SampleError } from './sample-error.ts'

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
    async fail(how: 'known' | 'unknown'): Promise<never> {
      if (how === 'known') throw new SampleError('move it away')
      throw new TypeError('a bug')
    },
    async bytes(length: number): Promise<Uint8Array> {
      last = new Uint8Array(length).fill(7)
      return last
    },
    /** Two views of one buffer. */
    async halves(length: number): Promise<readonly Uint8Array[]> {
      last = new Uint8Array(length).fill(7)
      return handOver([last.subarray(0, length / 2), last.subarray(length / 2)], [last.buffer])
    },
    async lengthOfLast(): Promise<number> {
      return last.length
    },
    /** A function, which cannot be cloned. */
    async noData(): Promise<() => void> {
      return () => undefined
    },
    async spin(): Promise<never> {
      for (;;);
    },
    async hoard(): Promise<never> {
      const kept: object[] = []
      for (;;) kept.push(Array.from({ length: 1_000 }, (_, at) => ({ at })))
    },
    async crash(): Promise<void> {
      throwUncaught()
      await sleep(60_000)
    },
    async close(): Promise<void> {
      if (workerData === 'fails to close') throw new SampleError('it cannot be closed')
      if (workerData !== 'dies while it closes') return
      throwUncaught()
      await sleep(60_000)
    },
  }
}

function throwUncaught(): void {
  setImmediate(() => {
    throw new Error('nobody catches this')
  })
}

answerCalls(() => {
  if (workerData === 'broken') throw new SampleError('it cannot be opened')
  return sample()
})

import { getPriority } from 'node:os'
import { answerShadow } from '../workers/shadow/shadow-thread.ts'
import { sampleRankingModel } from './samples/models.ts'

/** A shadow thread whose artefact is text that says how the model behaves, and the items that it ranks. */
answerShadow((artefact) => {
  const [behaviour = '', ...ids] = Buffer.from(artefact).toString().split(' ')
  const model = sampleRankingModel(ids)
  if (behaviour === 'unreadable') return 'it is no model'
  return {
    ...model,
    recommend(history, limit) {
      switch (behaviour) {
        case 'throws':
          throw new Error('the shadow model is broken')
        case 'hangs':
          for (;;);
        case 'hangs-for-u2':
          if (history.some(({ itemId }) => itemId === 'u2')) for (;;);
          break
        case 'gets-no-cpu':
          rest(ids[0] === undefined ? Number.POSITIVE_INFINITY : 1_000)
          break
        case 'eats':
          spin(50)
          break
        case 'tells-priority':
          return [{ itemId: `priority-${getPriority()}`, score: 1, becauseOf: null }]
        case 'hoards':
          hoard()
      }
      return model.recommend(history, limit)
    },
  }
})

/** As long on the clock, and no CPU time: as where others have the processor. */
function rest(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** So much CPU time, however busy the machine is. */
function spin(ms: number): void {
  const before = process.threadCpuUsage()
  while (process.threadCpuUsage(before).user < ms * 1000);
}

function hoard(): never {
  const kept: object[] = []
  for (;;) kept.push(Array.from({ length: 1_000 }, (_, at) => ({ at })))
}

import type { Clock } from '@bulkhead/service/clock'
import type { ModelVersion } from '../domain/model-version.ts'
import type { TrainingService } from '../services/training-service.ts'
import { createProgress } from './progress.ts'
import { counted, type Terminal } from './terminal.ts'

/** Trains, with a progress bar on `err` and the result on `out`. */
export async function trainAndReport(options: {
  readonly training: TrainingService
  readonly clock: Clock
  readonly out: Terminal
  readonly err: Terminal
  readonly owner: string
  readonly reason: string
}): Promise<ModelVersion> {
  const { training, clock, out, err, owner, reason } = options
  const progress = createProgress({ terminal: err, clock, title: 'Training' })
  let unchanged = false
  try {
    const version = await training.train({
      owner,
      reason,
      onProgress(now) {
        if (now.phase === 'unchanged') unchanged = true
        else if (now.phase === 'training') progress.update(now.done, 'comparing items')
        else progress.update(0, `${counted(now.interactions, 'interaction')} read`)
      },
    })
    progress.end()
    const { users, items, interactions } = version.trainingData
    const data = `${counted(interactions, 'interaction')} of ${counted(users, 'user')} with ${counted(items, 'item')}`
    out.write(
      unchanged
        ? `Model ${version.id} is up to date: it was trained on these ${data}\n`
        : `Model ${version.id} is trained on ${data}, and in production\n`,
    )
    return version
  } finally {
    progress.end()
  }
}

import type { Clock } from '@bulkhead/service/clock'
import type { ModelVersion, Refresh } from '../domain/model-version.ts'
import type { Algorithm, TrainingChoice } from '../domain/training/algorithms.ts'
import type { TrainingService } from '../services/training-service.ts'
import { createProgress } from './progress.ts'
import { counted, type Terminal } from './terminal.ts'

const TITLES: Readonly<Record<Algorithm, string>> = {
  ease: 'EASE',
  ials: 'iALS',
  'item-knn': 'item-to-item',
}

/** Trains, with a progress bar on `err` and the result on `out`. */
export async function trainAndReport(options: {
  readonly training: TrainingService
  readonly clock: Clock
  readonly out: Terminal
  readonly err: Terminal
  readonly owner: string
  readonly reason: string
  readonly choice?: TrainingChoice
  readonly until?: number
  readonly refresh?: Refresh
}): Promise<ModelVersion> {
  const { training, clock, out, err, owner, reason, choice, until, refresh } = options
  const progress = createProgress({ terminal: err, clock, title: 'Training' })
  let unchanged = false
  let title = ''
  try {
    const version = await training.train({
      owner,
      reason,
      ...(choice && { choice }),
      ...(until !== undefined && { until }),
      ...(refresh !== undefined && { refresh }),
      onProgress(now) {
        switch (now.phase) {
          case 'unchanged':
            unchanged = true
            return
          case 'planned':
            title = TITLES[now.algorithm]
            if (choice === undefined || choice.algorithm === 'by-size') {
              out.write(
                `${title} suits ${counted(now.items, 'item')}; \`train --algorithm\` can choose another\n`,
              )
            }
            return
          case 'resumed':
            progress.note(`Going on after ${counted(now.epochs, 'epoch')} of a run that was interrupted`)
            return
          case 'training':
            progress.update(now.done, title)
            return
          case 'reading':
            progress.update(0, `${counted(now.interactions, 'interaction')} read`)
        }
      },
    })
    progress.end()
    const { users, items, interactions } = version.trainingData
    const data = `${counted(interactions, 'interaction')} of ${counted(users, 'user')} with ${counted(items, 'item')}`
    out.write(
      unchanged
        ? `Model ${version.id} is up to date: it was trained on these ${data}\n`
        : `Model ${version.id} (${title}) is trained on ${data}, and ${describeStage(version)}\n`,
    )
    return version
  } finally {
    progress.end()
  }
}

function describeStage({ stage }: ModelVersion): string {
  return stage === 'PRODUCTION' ? 'in production' : `${stage}: it does not serve yet`
}

import { decodeModel } from '@bulkhead/personalization/domain/recommendation-model'
import { planTraining } from '@bulkhead/personalization/domain/training/training-plan'
import type { TrainFigures } from './measure.ts'
import { makeInteractions } from './workload.ts'

// One training, in a process of its own so that its peak memory is that of this size alone.
const KIB_PER_MIB = 1024
const MIB = 1024 * 1024

const [algorithm, items] = process.argv.slice(2)
if (algorithm !== 'ease' && algorithm !== 'ials') throw new Error(`there is no algorithm ${algorithm} here`)
const matrix = makeInteractions(Number(items))
const planned = planTraining({ algorithm, parameters: {} }, matrix)
if (planned.type !== 'plan') throw new Error(`${items} items are too many for ${algorithm}`)
const beforeMiB = process.resourceUsage().maxRSS / KIB_PER_MIB
const cpuBefore = process.cpuUsage()
const from = performance.now()
const steps = planned.plan.train(matrix, 'made for the bench', null)
let longestStepMs = 0
let step = steps.next()
for (let at = performance.now(); !step.done; step = steps.next()) {
  longestStepMs = Math.max(longestStepMs, performance.now() - at)
  at = performance.now()
}
const seconds = (performance.now() - from) / 1_000
const { user, system } = process.cpuUsage(cpuBefore)
const peakMiB = process.resourceUsage().maxRSS / KIB_PER_MIB
const artefact = step.value
const figures: TrainFigures = {
  ...{ algorithm, items: matrix.itemIds.length, users: matrix.userCount, interactions: matrix.items.length },
  ...{ seconds, cpuSeconds: (user + system) / 1e6, longestStepMs, beforeMiB, peakMiB },
  artefactMiB: artefact.length / MIB,
  recommended: decodeModel(artefact).recommend([{ itemId: matrix.itemIds[0] ?? '', weight: 1 }], 10).length,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)

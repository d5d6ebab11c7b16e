import { clusterFactors } from '@bulkhead/personalization/domain/ials/cluster-factors'
import { gramOf } from '@bulkhead/personalization/domain/ials/fold-in'
import { createFactorsModel, type FactorsModelParts } from '@bulkhead/personalization/domain/ials/model'
import { DEFAULT_IALS } from '@bulkhead/personalization/domain/ials/parameters'
import {
  makeClusteredRows,
  makeTastes,
} from '@bulkhead/personalization/domain/nearest/testing/clustered-rows'
import type { RecommendationModel } from '@bulkhead/personalization/domain/recommendation-model'
import type { NearestFigures } from './measure.ts'

// One size, in a process of its own so that its memory is that of this size alone.
const MIB = 1024 * 1024
const LIMIT = 100
const LISTENERS = 100
const ROUNDS = 3

const [items = 0, dimensions = 0] = process.argv.slice(2).map(Number)
const rows = makeClusteredRows(items, dimensions)
const itemIds = Array.from({ length: items }, (_, place) => `i${place}`)
const parts: FactorsModelParts = {
  factors: { itemIds, ...rows },
  gram: gramOf(rows),
  foldIn: DEFAULT_IALS,
  clusters: null,
}

const cpuBefore = process.cpuUsage()
let longestStepMs = 0
const steps = clusterFactors(parts)
let step = steps.next()
for (let at = performance.now(); !step.done; step = steps.next()) {
  longestStepMs = Math.max(longestStepMs, performance.now() - at)
  at = performance.now()
}
const buildCpuSeconds = cpuMs(cpuBefore) / 1_000
const grouped = step.value
const groupBytes = Object.values(grouped.clusters ?? {}).reduce((sum, { byteLength }) => sum + byteLength, 0)

const histories = makeTastes(rows.clusterOf, LISTENERS).map((taste) =>
  taste.map((row) => ({ itemId: itemIds[row] ?? '', weight: 1 })),
)
const models = { all: createFactorsModel('all', parts), groups: createFactorsModel('groups', grouped) }
const bestOf = histories.map((history) => new Set(idsOf(models.all, history)))
const recalls = histories.map(
  (history, n) => idsOf(models.groups, history).filter((id) => bestOf[n]?.has(id)).length / LIMIT,
)
const rounds = Array.from({ length: ROUNDS }, () => ({
  all: costOf(models.all),
  groups: costOf(models.groups),
}))

const figures: NearestFigures = {
  ...{ items, dimensions, buildCpuSeconds, longestStepMs },
  recall: recalls.reduce((sum, recall) => sum + recall, 0) / LISTENERS,
  worstRecall: Math.min(...recalls),
  rounds,
  factorsMiB: grouped.factors.values.byteLength / MIB,
  groupsMiB: groupBytes / MIB,
  peakMiB: process.resourceUsage().maxRSS / 1024,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)

function idsOf(
  model: RecommendationModel,
  history: Parameters<RecommendationModel['recommend']>[0],
): string[] {
  return model.recommend(history, LIMIT).map(({ itemId }) => itemId)
}

/** CPU time of a list, in ms. */
function costOf(model: RecommendationModel): number {
  const before = process.cpuUsage()
  for (const history of histories) model.recommend(history, LIMIT)
  return cpuMs(before) / LISTENERS
}

function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

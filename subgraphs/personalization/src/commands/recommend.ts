import { formatTable } from '@bulkhead/service/format-table'
import type { Logger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { plainText } from '@bulkhead/service/plain-text'
import { systemRandom } from '@bulkhead/service/random'
import type { RecommendCommand } from '../command-line/recommend.ts'
import type { Slate } from '../domain/slate.ts'
import { createRecommendationService } from '../services/recommendation-service.ts'
import { createLoadedModels } from '../state/loaded-models.ts'
import { createModelGuardrails } from '../state/model-guardrails.ts'
import { createOutboxGate } from '../state/outbox-gate.ts'
import { createRememberedOpinions } from '../state/remembered-opinions.ts'
import { createServedLedger } from '../state/served-ledger.ts'
import { createServingIndex } from '../state/serving-index.ts'
import { createSnapshotHolder } from '../state/snapshot-holder.ts'
import { createModelLoader } from '../workers/model-loader.ts'
import { createModelReader } from '../workers/model-reading/model-reader.ts'
import { createServingIndexRefresher } from '../workers/serving-index-refresher.ts'
import type { CommandContext } from './context.ts'

/** Nobody waits for the slate but the person at the terminal. */
const DEADLINE_MS = 30_000
/** The workers run once: the command has ended long before they would run again. */
const NEVER_MS = 86_400_000

type Titles = { itemById(id: string): { readonly title: string } | undefined }

/** Makes a slate as the service would, from what is stored now, and stores nothing. */
export async function recommend(
  command: RecommendCommand,
  context: CommandContext & { readonly log: Logger },
): Promise<number> {
  const { store, clock, out, log } = context
  // The workers go on without a datastore that is away; here it has to be said.
  await store.ping()
  const shared = { clock, random: systemRandom, log, metrics: createMetrics({ service: 'personalization' }) }
  const index = createServingIndex()
  const models = createLoadedModels()
  // Without a snapshot nobody is assigned to anything.
  const snapshots = createSnapshotHolder()
  const reader = createModelReader()
  const workers = [
    createServingIndexRefresher({ ...shared, store, index, intervalMs: NEVER_MS }),
    createModelLoader({
      ...{ ...shared, store, models, snapshots, reader, intervalMs: NEVER_MS },
      guardrails: createModelGuardrails(),
    }),
  ]
  // The timers of workers do not keep a process alive.
  const alive = setInterval(() => undefined, NEVER_MS)
  for (const worker of workers) worker.start()
  try {
    await Promise.all(workers.map((worker) => worker.wake()))
  } finally {
    clearInterval(alive)
    await Promise.all(workers.map((worker) => worker.stop()))
    await reader.close()
  }
  const service = createRecommendationService({
    ...shared,
    store: { servingHistory: store.servingHistory, saveSlate: () => Promise.resolve() },
    index,
    models,
    snapshots,
    outboxGate: createOutboxGate({ limit: 1 }),
    ledger: createServedLedger(),
    remembered: createRememberedOpinions(),
    producer: 'personalization-command-line',
    candidateLogRate: 0,
    limits: { hydrationDeadlineMs: DEADLINE_MS, commitDeadlineMs: DEADLINE_MS, slateTargetMs: DEADLINE_MS },
  })
  const { userId, surface, size, market, json } = command
  const attributes = market === null ? null : { market }
  const request = { userId, surface, size, exclude: [], attributes, overrides: [] }
  const slate = await service.recommend(request)
  out.write(json ? `${JSON.stringify(forPrograms(slate, index), null, 2)}\n` : `${forPeople(slate, index)}\n`)
  return 0
}

function forPeople({ userId, surface, items, servedBy, modelVersionId }: Slate, titles: Titles): string {
  const cause = servedBy.cause === null ? '' : ` (${servedBy.cause})`
  const model = modelVersionId === null ? '' : `, model ${modelVersionId}`
  const rows = items.map(({ itemId, score, source, reason }, position) => [
    String(position + 1),
    plainText(itemId),
    plainText(titles.itemById(itemId)?.title ?? ''),
    score.toPrecision(4),
    source,
    plainText(reason?.text ?? ''),
  ])
  const table = formatTable(['rank', 'item', 'title', 'score', 'source', 'reason'], rows, [1, 2, 4, 5])
  const served = `For ${plainText(userId)} on ${plainText(surface)}: rung ${servedBy.rung}${cause}${model}`
  return items.length === 0 ? `${served}; there is nothing to recommend` : `${served}\n\n${table}`
}

function forPrograms({ userId, surface, items, servedBy, modelVersionId, policy }: Slate, titles: Titles) {
  return {
    userId,
    surface,
    servedBy,
    modelVersionId,
    policy,
    items: items.map((item, position) => ({
      rank: position + 1,
      ...item,
      title: titles.itemById(item.itemId)?.title ?? null,
    })),
  }
}

import DataLoader from 'dataloader'
import type { CanaryReport } from '../domain/canary/canary-report.ts'
import type { Item } from '../domain/item.ts'
import type { ModelEvaluation } from '../domain/model-path/model-evaluation.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import type { ShadowReport } from '../domain/shadow/shadow-report.ts'
import type { Slate } from '../domain/slate.ts'
import type { Reader } from '../services/reader.ts'

/** Keys in one datastore round trip; as many as the largest slate has items. */
const MAX_BATCH_SIZE = 500

/** One set per request, so that no client is answered from another client's reads. */
export type Loaders = {
  readonly items: DataLoader<string, Item | null>
  readonly modelVersions: DataLoader<string, ModelVersion | null>
  readonly modelEvaluations: DataLoader<string, ModelEvaluation | null>
  readonly slates: DataLoader<string, Slate | null>
  /** By the ids of model versions. */
  readonly shadowReports: DataLoader<string, ShadowReport | null>
  readonly canaryReports: DataLoader<string, CanaryReport | null>
}

export function createLoaders(reader: Reader): Loaders {
  return {
    items: new DataLoader((ids) => reader.items(ids), { maxBatchSize: MAX_BATCH_SIZE }),
    modelVersions: new DataLoader((ids) => reader.modelVersions(ids), { maxBatchSize: MAX_BATCH_SIZE }),
    modelEvaluations: new DataLoader((ids) => reader.modelEvaluations(ids), { maxBatchSize: MAX_BATCH_SIZE }),
    slates: new DataLoader((ids) => reader.slates(ids), { maxBatchSize: MAX_BATCH_SIZE }),
    shadowReports: new DataLoader((ids) => reader.shadowReports(ids), { maxBatchSize: MAX_BATCH_SIZE }),
    canaryReports: new DataLoader((ids) => reader.canaryReports(ids), { maxBatchSize: MAX_BATCH_SIZE }),
  }
}

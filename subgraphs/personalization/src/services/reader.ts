import { withDeadline } from '@bulkhead/service/deadline'
import { COMMON_ERRORS, serviceError, toServiceError } from '@bulkhead/service/errors'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { CanaryReport } from '../domain/canary/canary-report.ts'
import type { Item } from '../domain/item.ts'
import type { ModelEvaluation } from '../domain/model-path/model-evaluation.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import type { ShadowReport } from '../domain/shadow/shadow-report.ts'
import type { Slate } from '../domain/slate.ts'
import type { CatalogueReader } from './catalogue-reader.ts'
import { canaryReports } from './refreshes/canary-reports.ts'
import { shadowReports } from './shadow-reports.ts'

/** The part of the serving index that reading needs. */
export type ItemLookup = { itemById(id: string): Item | undefined }

/** The part of the loaded models that reading needs. */
type ModelVersionLookup = { inMemory(id: string): { readonly version: ModelVersion } | null }

/**
 * The result for each key, in the order of the keys: null where nothing has this key, an error where it is not in
 * memory and the datastore does not answer.
 */
type BatchResult<T> = readonly (T | null | Error)[]

/**
 * What resolvers read. A batch of ids costs one datastore round trip. When the datastore is lost or slower than the
 * deadline, items and model versions are answered from memory where they are there, so that a slate served from memory
 * renders in full. Everything else rejects with `DatastoreUnavailableError`.
 */
export type Reader = CatalogueReader &
  Pick<PersonalizationStore, 'findInteractions' | 'findModelVersions' | 'countModelVersions'> & {
    items(ids: readonly string[]): Promise<BatchResult<Item>>
    modelVersions(ids: readonly string[]): Promise<BatchResult<ModelVersion>>
    modelEvaluations(ids: readonly string[]): Promise<BatchResult<ModelEvaluation>>
    slates(ids: readonly string[]): Promise<BatchResult<Slate>>
    /** By the ids of model versions. */
    shadowReports(versionIds: readonly string[]): Promise<BatchResult<ShadowReport>>
    canaryReports(versionIds: readonly string[]): Promise<BatchResult<CanaryReport>>
    /** From memory only, no I/O. */
    itemInMemory(id: string): Item | undefined
    modelVersionInMemory(id: string): ModelVersion | undefined
  }

/** @param options.deadlineMs how long a read waits for the datastore before it is answered from memory, milliseconds */
export function createReader(options: {
  readonly store: Pick<
    PersonalizationStore,
    | 'itemsByIds'
    | 'modelEvaluations'
    | 'modelVersionsByIds'
    | 'slatesByIds'
    | 'shadowOf'
    | 'canaryOf'
    | 'productionModelVersion'
    | 'findInteractions'
    | 'findModelVersions'
    | 'countModelVersions'
  >
  readonly catalogue: CatalogueReader
  readonly index: ItemLookup
  readonly models: ModelVersionLookup
  readonly deadlineMs: number
}): Reader {
  const { store, catalogue, index, models, deadlineMs } = options

  const itemInMemory = (id: string) => index.itemById(id)

  const modelVersionInMemory = (id: string) => models.inMemory(id)?.version

  return {
    findItems: catalogue.findItems,
    countItems: catalogue.countItems,
    findInteractions: (query) => store.findInteractions(query),
    findModelVersions: (query) => store.findModelVersions(query),
    countModelVersions: (filter) => store.countModelVersions(filter),
    items: (ids) => readThrough(ids, store.itemsByIds(ids), itemInMemory, deadlineMs),
    modelVersions: (ids) => readThrough(ids, store.modelVersionsByIds(ids), modelVersionInMemory, deadlineMs),
    async modelEvaluations(ids) {
      const found = await store.modelEvaluations(ids)
      return ids.map((id) => found.get(id) ?? null)
    },
    async slates(ids) {
      return align(ids, await store.slatesByIds(ids))
    },
    shadowReports: (versionIds) => shadowReports(store, versionIds),
    canaryReports: (versionIds) => canaryReports(store, versionIds),
    itemInMemory,
    modelVersionInMemory,
  }
}

function readThrough<T extends { readonly id: string }>(
  ids: readonly string[],
  read: Promise<readonly T[]>,
  remembered: (id: string) => T | undefined,
  deadlineMs: number,
): Promise<BatchResult<T>> {
  const fromStore = read.then(
    (found) => align(ids, found),
    (error: unknown) => {
      if (toServiceError(error)?.code !== COMMON_ERRORS.DATASTORE_UNAVAILABLE.code) throw error
      return ids.map((id) => remembered(id) ?? serviceError(COMMON_ERRORS.DATASTORE_UNAVAILABLE))
    },
  )
  // If memory lacks one of the keys, wait for the datastore, as long as its own timeouts allow.
  return withDeadline(fromStore, deadlineMs, () => allRemembered(ids, remembered) ?? fromStore)
}

function allRemembered<T>(ids: readonly string[], remembered: (id: string) => T | undefined): T[] | null {
  const found: T[] = []
  for (const id of ids) {
    const value = remembered(id)
    if (value === undefined) return null
    found.push(value)
  }
  return found
}

function align<T extends { readonly id: string }>(ids: readonly string[], found: readonly T[]): (T | null)[] {
  const byId = new Map(found.map((value) => [value.id, value]))
  return ids.map((id) => byId.get(id) ?? null)
}

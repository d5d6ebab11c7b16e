import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../datastore/port.ts'
import { describeArtefact } from '../domain/artefact/describe-artefact.ts'
import type { ModelVersion, StageChange } from '../domain/model-version.ts'
import { decodeModel } from '../domain/recommendation-model.ts'
import { hashArtefact } from './hash-artefact.ts'
import { saveNextVersion } from './save-next-version.ts'

const IDS_PER_CALL = 500
/** Versions of the model among which the same artefact is looked for. */
const NEWEST_VERSIONS = 100
const SHOWN_IDS = 3

/** The model is whole, but nothing here can be recommended by it. The message says what to do. */
export class ModelRefusedError extends Error {
  override readonly name = 'ModelRefusedError'
  readonly code = 'NO_KNOWN_ITEMS'
}

export type ImportedModel = {
  readonly version: ModelVersion
  /** Items that the model knows, and how many of them are in the catalogue. */
  readonly items: number
  readonly inCatalogue: number
  /** The same artefact was there already, as this version. */
  readonly known: boolean
}

/**
 * Registers a model that was trained elsewhere: an artefact of any kind that can be served, as the next version of the
 * model of that name. It is at the beginning of its path, and does not serve. The same artefact a second time is the version
 * that it is, as long as that one's artefact has not expired and it is not retired: a retired one can never serve again.
 *
 * What it was trained on is known by its fingerprint alone: users and interactions are 0, and the cutoff is now, since it
 * has seen nothing later.
 * @throws ArtefactError for bytes that cannot be served
 * @throws ModelRefusedError where it knows no item of the catalogue
 */
export async function importModel(options: {
  readonly store: Pick<
    PersonalizationStore,
    'itemsByIds' | 'findModelVersions' | 'countModelVersions' | 'saveModelVersion' | 'modelArtefact'
  >
  readonly clock: Clock
  readonly artefact: Uint8Array
  readonly name: string
  readonly owner: string
}): Promise<ImportedModel> {
  const { store, clock, artefact, name, owner } = options
  // Decoded whole, as replicas do before they serve it.
  const { algorithm, itemCount: items } = decodeModel(artefact)
  const { trainingFingerprint, itemIds } = describeArtefact(artefact)
  const inCatalogue = await countKnown(store, itemIds)
  if (inCatalogue === 0) throw new ModelRefusedError(noneKnown(itemIds))
  const at = clock.now()
  const artefactHash = await hashArtefact(artefact)
  const found = await sameArtefact(store, name, artefactHash)
  if (found !== null) return { version: found, items, inCatalogue, known: true }
  const registered: StageChange = { from: null, to: 'REGISTERED', at, by: owner, reason: 'imported' }
  const version = await saveNextVersion(
    store,
    {
      ...{ model: name, algorithm, owner, createdAt: at, stage: 'REGISTERED', artefactHash },
      trainingData: { fingerprint: trainingFingerprint, users: 0, items, interactions: 0, cutoff: at },
      stageHistory: [registered],
    },
    artefact,
  )
  return { version, items, inCatalogue, known: false }
}

async function countKnown(
  store: Pick<PersonalizationStore, 'itemsByIds'>,
  itemIds: readonly string[],
): Promise<number> {
  let known = 0
  for (let start = 0; start < itemIds.length; start += IDS_PER_CALL) {
    known += (await store.itemsByIds(itemIds.slice(start, start + IDS_PER_CALL))).length
  }
  return known
}

function noneKnown(itemIds: readonly string[]): string {
  const shown = itemIds.slice(0, SHOWN_IDS).map((id) => JSON.stringify(id.slice(0, 40)))
  return itemIds.length === 0
    ? 'the model knows no items'
    : `none of its ${itemIds.length} items is in the catalogue (they begin with ${shown.join(', ')}): import the items ` +
        'first, or have the model name them by the ids that the catalogue has'
}

async function sameArtefact(
  store: Pick<PersonalizationStore, 'findModelVersions' | 'modelArtefact'>,
  model: string,
  artefactHash: string,
): Promise<ModelVersion | null> {
  const { versions } = await store.findModelVersions({
    filter: { model },
    limit: NEWEST_VERSIONS,
    after: null,
  })
  for (const version of versions) {
    if (version.artefactHash !== artefactHash || version.stage === 'RETIRED') continue
    if ((await store.modelArtefact(version.id)) !== null) return version
  }
  return null
}

import type { IngestEvent } from '@bulkhead/contracts'
import type { Collection, Db } from '@bulkhead/datastore/mongodb/open'
import type { Erasure } from '../../domain/erasure.ts'
import type { Interaction } from '../../domain/interaction.ts'
import type { Item } from '../../domain/item.ts'
import { modelStageEvents } from '../../domain/model-stage-events.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import type { CandidateLog } from '../../domain/off-policy/candidate-log.ts'
import type { Slate } from '../../domain/slate.ts'
import { readAttributes, writeAttributes, writeCandidates } from '../stored-json.ts'
import { DUE_AT_ONCE, pendingEvents } from '../write-rules.ts'

/**
 * Documents as MongoDB stores them. Attributes and events are JSON text, because callers choose their keys freely: in a
 * sub-document, a key that contains `$` or `.`, or is `__proto__`, would not come back as it was.
 */

/** Events that wait for delivery, stored in the document that caused them, so that one write makes both durable. */
export type OutboxField = {
  readonly events: string
  readonly oldest: number
  readonly dueAt: number
  readonly attempts: number
  readonly token: string | null
}

export type WithOutbox = { readonly outbox?: OutboxField }

/** The field is missing where there is nothing to deliver, so that the outbox index leaves the document out. */
export function outboxOf(events: readonly IngestEvent[]): WithOutbox {
  const pending = pendingEvents(events)
  if (pending === null) return {}
  return { outbox: { ...pending, dueAt: DUE_AT_ONCE, attempts: 0, token: null } }
}

/** What the outbox keeps of a version's changes of stage; `since` counts those that were told before. */
export function modelEventDocuments(version: ModelVersion, since: number): ModelEventDocument[] {
  return modelStageEvents(version, since).map((event) => ({
    _id: `${version.id}:${event.change}`,
    ...outboxOf([event]),
  }))
}

/** Items of earlier releases have no time window, no markets and no change. */
export type ItemDocument = Omit<Item, 'id' | 'attributes' | keyof TimesAndPlaces> &
  Partial<TimesAndPlaces> & {
    readonly _id: string
    /** Of earlier releases, and not read any more. */
    readonly titleFolded?: string
    /** The catalogue version that the item was last written in. */
    readonly changed?: number
    readonly attributes: string | null
  }

type TimesAndPlaces = Pick<Item, 'availableFrom' | 'availableUntil' | 'markets'>

export type InteractionDocument = Omit<Interaction, 'eventId'> &
  WithOutbox & {
    readonly _id: string
    /** Stored by an import that kept no listeners of items (`./popularity.ts`). */
    readonly imported?: true
  }

export function writeInteraction({ eventId, ...fields }: Interaction): InteractionDocument {
  return { _id: eventId, ...fields }
}

export function readInteraction({
  _id,
  outbox: _,
  imported: __,
  ...fields
}: InteractionDocument): Interaction {
  return { eventId: _id, ...fields }
}

/** What slates of earlier releases do not have is optional. */
export type SlateDocument = Omit<Slate, 'id' | 'attributes' | 'producer' | 'servedBy' | 'policy'> &
  WithOutbox &
  CandidatesField & {
    readonly _id: string
    readonly attributes: string | null
    readonly producer?: string | null
    readonly servedBy: Pick<Slate['servedBy'], 'rung' | 'cause'> & Partial<Slate['servedBy']>
    readonly policy: Omit<Slate['policy'], 'candidateWidth'> & Partial<Slate['policy']>
  }

/**
 * The candidates of a slate that keeps them: in its own document, so that one write makes both durable and one delete
 * takes both. What reads slates leaves them out.
 */
export type CandidatesField = { readonly logged?: true; readonly candidates?: string }

export function candidatesOf(candidates: CandidateLog | null): CandidatesField {
  const text = writeCandidates(candidates)
  return text === null ? {} : { logged: true, candidates: text }
}

export function writeSlate({ id, attributes, ...fields }: Slate): SlateDocument {
  return { _id: id, ...fields, attributes: writeAttributes(attributes) }
}

export function readSlate({
  _id,
  outbox: _,
  logged: __,
  candidates: ___,
  attributes,
  producer = null,
  servedBy,
  policy,
  ...fields
}: SlateDocument): Slate {
  return {
    id: _id,
    ...fields,
    attributes: readAttributes(attributes),
    producer,
    servedBy: { sources: null, modelShare: null, ...servedBy },
    policy: { candidateWidth: null, ...policy },
  }
}

/** Changes of a model version's stage; `_id` is the version's id and the number of the change. */
export type ModelEventDocument = WithOutbox & { readonly _id: string }

/** Documents that only an earlier release wrote have neither. */
export type PopularityDocument = {
  readonly _id: string
  readonly listeners?: number
  readonly trend?: number
}

/** That a user has consumed an item, unless only interactions that were `imported` say so. */
export type ItemListenerDocument = { readonly _id: { readonly itemId: string; readonly userId: string } }

export type CounterDocument = { readonly _id: 'catalogue'; readonly value: number }

export type ModelVersionDocument = Omit<ModelVersion, 'id'> & {
  readonly _id: string
  readonly uploadId: string
}

export function readModelVersion({ _id, uploadId: _, ...fields }: ModelVersionDocument): ModelVersion {
  return { id: _id, ...fields }
}

/** What one source has counted of a version in shadow. */
export type ShadowPartDocument = {
  readonly _id: { readonly versionId: string; readonly source: string }
  readonly requests: number
  readonly counts: string
}

/** What one source has counted of a refresh in its canary. */
export type CanaryPartDocument = {
  readonly _id: { readonly versionId: string; readonly source: string }
  readonly lists: number
  readonly counts: string
}

export type ArtefactChunkDocument = {
  readonly _id: string
  readonly uploadId: string
  readonly position: number
  readonly bytes: Uint8Array
  readonly uploadedAt: number
}

export type ModelEvaluationDocument = {
  readonly _id: { readonly versionId: string; readonly hash: string }
  readonly createdAt: number
  /** JSON text. */
  readonly body: string
}

export type SnapshotDocument = { readonly _id: 'last'; readonly version: number; readonly body: string }

export type DeadLetterDocument = {
  readonly _id: string
  /** As `unitOfLetter`. */
  readonly unit: string | null
  readonly event: string
  readonly code: string
  readonly message: string
  readonly at: number
}

/** `open` is missing once it is finished, so that its index leaves it out. */
export type ErasureDocument = Omit<Erasure, 'id'> & { readonly _id: string; readonly open?: true }

/**
 * There while a bulk import defers indexes and counts, and after one that was killed: then whoever opens the store puts it
 * in order (`./bulk-import.ts`).
 */
export type BulkImportDocument = {
  readonly _id: 'interactions'
  /** Grows with all that a count of popularity may miss while it runs. */
  readonly changes: number
  /** JSON text: the indexes that were dropped. */
  readonly indexes: string
}

/** Events in the outbox that belong to no slate, interaction or model. Deleted once they are delivered. */
export type OutboxEventDocument = WithOutbox & { readonly _id: string }

export type Collections = {
  readonly items: Collection<ItemDocument>
  readonly popularity: Collection<PopularityDocument>
  readonly itemListeners: Collection<ItemListenerDocument>
  readonly counters: Collection<CounterDocument>
  readonly interactions: Collection<InteractionDocument>
  readonly slates: Collection<SlateDocument>
  readonly modelVersions: Collection<ModelVersionDocument>
  readonly modelEvaluations: Collection<ModelEvaluationDocument>
  readonly modelEvents: Collection<ModelEventDocument>
  readonly artefactChunks: Collection<ArtefactChunkDocument>
  readonly shadowParts: Collection<ShadowPartDocument>
  readonly canaryParts: Collection<CanaryPartDocument>
  readonly snapshots: Collection<SnapshotDocument>
  readonly deadLetters: Collection<DeadLetterDocument>
  readonly erasures: Collection<ErasureDocument>
  readonly outboxEvents: Collection<OutboxEventDocument>
  readonly bulkImports: Collection<BulkImportDocument>
}

export function openCollections(db: Db): Collections {
  return {
    items: db.collection('items'),
    popularity: db.collection('item_popularity'),
    itemListeners: db.collection('item_listeners'),
    counters: db.collection('counters'),
    interactions: db.collection('interactions'),
    slates: db.collection('slates'),
    modelVersions: db.collection('model_versions'),
    modelEvaluations: db.collection('model_evaluations'),
    modelEvents: db.collection('model_events'),
    artefactChunks: db.collection('artefact_chunks'),
    shadowParts: db.collection('shadow_parts'),
    canaryParts: db.collection('canary_parts'),
    snapshots: db.collection('last_snapshot'),
    deadLetters: db.collection('dead_letters'),
    erasures: db.collection('erasures'),
    outboxEvents: db.collection('outbox_events'),
    bulkImports: db.collection('bulk_imports'),
  }
}

import { randomUUID } from 'node:crypto'
import type { Collection } from '@bulkhead/datastore/mongodb/open'
import type { OutboxEntry, OutboxState, PersonalizationStore } from '../port.ts'
import { readEvents } from '../stored-json.ts'
import type { Collections, WithOutbox } from './collections.ts'
import { EARLIEST_INSTANT, OUTBOX_INDEX } from './migrations.ts'

type OutboxMethods = Pick<
  PersonalizationStore,
  'claimOutbox' | 'completeOutbox' | 'retryOutbox' | 'outboxState'
>

/** What an entry id begins with: the collection whose document holds the entry. */
const OWNERS = ['slate', 'interaction', 'model', 'event'] as const
type Owner = (typeof OWNERS)[number]
type Owned = { readonly _id: string } & WithOutbox
/** An entry that was due; `id` is the entry's, so that ties are broken as they are among the entries of a claim. */
type Candidate = {
  readonly owner: Owner
  readonly documentId: string
  readonly id: string
  readonly oldest: number
}

/** How often a claim looks for entries, when other processes take the ones that it has found. */
const MAX_CLAIM_ATTEMPTS = 3

const IS_PENDING = { 'outbox.oldest': { $gte: EARLIEST_INSTANT } }

/**
 * The outbox on MongoDB: a field of the documents that caused the events. A claim first finds the ids that are due. It
 * then writes its token and the end of its lease into those that are still due, and returns the entries that have its
 * token. No transaction is needed: MongoDB changes a single document atomically, so of two claims only one gets an
 * entry.
 */
export function createMongoOutbox(collections: Collections): OutboxMethods {
  const { slates, interactions, modelEvents, outboxEvents } = collections
  // The methods below use only `_id` and `outbox`, which the documents of all these collections have.
  const owners: Readonly<Record<Owner, Collection<Owned>>> = {
    slate: slates as unknown as Collection<Owned>,
    interaction: interactions as unknown as Collection<Owned>,
    model: modelEvents as unknown as Collection<Owned>,
    event: outboxEvents as unknown as Collection<Owned>,
  }

  async function dueOf(owner: Owner, now: number, limit: number): Promise<readonly Candidate[]> {
    const documents = await owners[owner]
      .find(
        { ...IS_PENDING, 'outbox.dueAt': { $lte: now } },
        { projection: { _id: 1, 'outbox.oldest': 1 }, hint: OUTBOX_INDEX },
      )
      .sort({ 'outbox.oldest': 1, _id: 1 })
      .limit(limit)
      .batchSize(limit)
      .toArray()
    return documents.map(({ _id, outbox }) => {
      return { owner, documentId: _id, id: entryIdOf(owner, _id), oldest: outbox?.oldest ?? 0 }
    })
  }

  async function take(
    owner: Owner,
    candidates: readonly Candidate[],
    lease: { readonly token: string; readonly now: number; readonly until: number },
  ): Promise<readonly (OutboxEntry & { readonly oldest: number })[]> {
    const ids = candidates
      .filter((candidate) => candidate.owner === owner)
      .map(({ documentId }) => documentId)
    if (ids.length === 0) return []
    const { modifiedCount } = await owners[owner].updateMany(
      { _id: { $in: ids }, ...IS_PENDING, 'outbox.dueAt': { $lte: lease.now } },
      { $set: { 'outbox.token': lease.token, 'outbox.dueAt': lease.until } },
    )
    if (modifiedCount === 0) return []
    const documents = await owners[owner]
      .find(
        { _id: { $in: ids }, 'outbox.token': lease.token },
        { projection: { outbox: 1 }, batchSize: ids.length + 1 },
      )
      .toArray()
    return documents.flatMap(({ _id, outbox }) => {
      if (outbox === undefined) return []
      const { events, attempts, oldest } = outbox
      return [{ id: entryIdOf(owner, _id), events: readEvents(events), attempts, oldest }]
    })
  }

  async function claimOnce(
    lease: { readonly token: string; readonly now: number; readonly until: number },
    limit: number,
  ): Promise<{ readonly found: number; readonly entries: readonly OutboxEntry[] }> {
    const due = await Promise.all(OWNERS.map((owner) => dueOf(owner, lease.now, limit)))
    const candidates = due.flat().toSorted(byAge).slice(0, limit)
    const taken = await Promise.all(OWNERS.map((owner) => take(owner, candidates, lease)))
    const entries = taken
      .flat()
      .toSorted(byAge)
      .map(({ id, events, attempts }) => ({ id, events, attempts }))
    return { found: candidates.length, entries }
  }

  /** Runs it on each collection that has some of these entries. */
  async function onOwners(
    entryIds: readonly string[],
    run: (collection: Collection<Owned>, ids: readonly string[]) => Promise<unknown>,
  ): Promise<void> {
    const owned = OWNERS.map(async (owner) => {
      const prefix = entryIdOf(owner, '')
      const ids = entryIds.filter((id) => id.startsWith(prefix)).map((id) => id.slice(prefix.length))
      if (ids.length > 0) await run(owners[owner], ids)
    })
    await Promise.all(owned)
  }

  return {
    async claimOutbox({ now, leaseMs, limit }) {
      const token = randomUUID()
      for (let attempt = 1; ; attempt++) {
        const { found, entries } = await claimOnce({ token, now, until: now + leaseMs }, limit)
        if (entries.length > 0 || found === 0 || attempt === MAX_CLAIM_ATTEMPTS) return { token, entries }
      }
    },

    completeOutbox: (token, entryIds) =>
      onOwners(entryIds, (collection, ids) => {
        const held = { _id: { $in: [...ids] }, 'outbox.token': token }
        return collection === owners.event
          ? collection.deleteMany(held)
          : collection.updateMany(held, { $unset: { outbox: '' } })
      }),

    retryOutbox: (token, entryIds, dueAt) =>
      onOwners(entryIds, (collection, ids) =>
        collection.updateMany(
          { _id: { $in: [...ids] }, 'outbox.token': token },
          { $set: { 'outbox.dueAt': dueAt, 'outbox.token': null }, $inc: { 'outbox.attempts': 1 } },
        ),
      ),

    async outboxState() {
      const pendingAges = [{ $match: IS_PENDING }, { $project: { _id: 0, oldest: '$outbox.oldest' } }]
      const [state] = await slates
        .aggregate<OutboxState>([
          ...pendingAges,
          { $unionWith: { coll: interactions.collectionName, pipeline: pendingAges } },
          { $unionWith: { coll: modelEvents.collectionName, pipeline: pendingAges } },
          { $unionWith: { coll: outboxEvents.collectionName, pipeline: pendingAges } },
          { $group: { _id: null, size: { $sum: 1 }, oldest: { $min: '$oldest' } } },
        ])
        .toArray()
      return { size: state?.size ?? 0, oldest: state?.oldest ?? null }
    },
  }
}

function entryIdOf(owner: Owner, documentId: string): string {
  return `${owner}:${documentId}`
}

function byAge(
  a: { readonly id: string; readonly oldest: number },
  b: { readonly id: string; readonly oldest: number },
): number {
  return a.oldest - b.oldest || (a.id < b.id ? -1 : 1)
}

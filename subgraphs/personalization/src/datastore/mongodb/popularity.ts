import { CONSUMING_TYPES } from '../../domain/interaction.ts'
import { isUse, popularityOf, TREND_HALF_LIFE_MS, TREND_LANDMARK } from '../../domain/popularity.ts'
import type { Collections, InteractionDocument, ItemListenerDocument } from './collections.ts'
import { insertNew } from './insert-new.ts'
import { TRAINING_INDEX } from './migrations.ts'

/** Alternatives of one query, each of which is a range of the index. */
const PAIRS_PER_QUERY = 500

/** The server's code for a value that it cannot use, such as the name of an index that is not there. */
const BAD_VALUE = 2

type Listener = ItemListenerDocument['_id']

/**
 * Keeps who has consumed what, and counts those of these interactions that are the first use of their pair, each in the
 * popularity of its item. Of two processes that store a use of the same pair at once, one counts it. Of a pair that a
 * bulk import has stored and counted, no listener is kept until it is used again.
 * @returns false where a bulk import is under way, which counts everything at its end
 */
export async function countFirstUses(
  { interactions, itemListeners, popularity }: Collections,
  inserted: readonly InteractionDocument[],
): Promise<boolean> {
  const uses = new Map<string, ItemListenerDocument & { readonly occurredAt: number }>()
  for (const { itemId, userId, type, occurredAt } of inserted) {
    const key = keyOf({ itemId, userId })
    const known = uses.get(key)
    if (!isUse({ type }) || (known !== undefined && known.occurredAt <= occurredAt)) continue
    uses.set(key, { _id: { itemId, userId }, occurredAt })
  }
  const fresh = await insertNew(
    itemListeners,
    [...uses.values()].map(({ _id }) => ({ _id })),
  )
  const imported = await importedPairs({ interactions }, fresh)
  if (imported === null) return false
  const firstUses = fresh
    .map(({ _id }) => keyOf(_id))
    .filter((key) => !imported.has(key))
    .flatMap((key) => uses.get(key) ?? [])
    .map(({ _id, occurredAt }) => ({ itemId: _id.itemId, occurredAt }))
  const operations = [...popularityOf(firstUses, Date.now())].map(([itemId, added]) => ({
    updateOne: { filter: { _id: itemId }, update: { $inc: added }, upsert: true },
  }))
  if (operations.length > 0) await popularity.bulkWrite(operations, { ordered: false })
  return true
}

/** Those of the pairs that a bulk import has stored a use of; null where the index is missing, as during one. */
async function importedPairs(
  { interactions }: Pick<Collections, 'interactions'>,
  pairs: readonly ItemListenerDocument[],
): Promise<ReadonlySet<string> | null> {
  const found = new Set<string>()
  const of = { imported: true as const, type: { $in: CONSUMING_TYPES } }
  try {
    for (let from = 0; from < pairs.length; from += PAIRS_PER_QUERY) {
      const some = pairs.slice(from, from + PAIRS_PER_QUERY).map(({ _id }) => _id)
      const rows = await interactions
        .find({ ...of, $or: some }, { hint: TRAINING_INDEX })
        .project<Listener>({ _id: 0, itemId: 1, userId: 1 })
        .toArray()
      for (const row of rows) found.add(keyOf(row))
    }
    return found
  } catch (error) {
    if (isMissingIndex(error)) return null
    throw error
  }
}

/**
 * The popularity of every item that anybody has consumed, from the interactions that are stored when it begins, in one step.
 * What services count while it runs may be missing then.
 * @param now epoch milliseconds
 */
export async function recountPopularity(
  { interactions, popularity }: Pick<Collections, 'interactions' | 'popularity'>,
  now: number,
): Promise<void> {
  const age = { $subtract: [{ $min: ['$firstUse', now] }, TREND_LANDMARK] }
  const weight = { $pow: [2, { $min: [1000, { $divide: [age, TREND_HALF_LIFE_MS] }] }] }
  const pair = { itemId: '$itemId', userId: '$userId' }
  const stages = [
    { $match: { type: { $in: CONSUMING_TYPES } } },
    { $group: { _id: pair, firstUse: { $min: '$occurredAt' } } },
    { $group: { _id: '$_id.itemId', listeners: { $sum: 1 }, trend: { $sum: weight } } },
    // Keeps the indexes.
    { $out: popularity.collectionName },
  ]
  await interactions.aggregate(stages, { allowDiskUse: true }).toArray()
}

function keyOf({ itemId, userId }: Listener): string {
  return JSON.stringify([itemId, userId])
}

function isMissingIndex(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === BAD_VALUE && /hint/.test(error.message)
}

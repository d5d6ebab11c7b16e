import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { oneInTransaction } from '@bulkhead/datastore/sqlite/rows'
import { CONSUMING_TYPES } from '../../domain/interaction.ts'

const ANY_USE = `
  SELECT 1 FROM interactions INDEXED BY interactions_for_training
  WHERE user_id = ? AND item_id = ? AND type IN (${CONSUMING_TYPES.map((type) => `'${type}'`)}) LIMIT 1`

/** Whether a user has consumed an item; call it in a transaction. */
export function hasUse(db: SqliteDatabase, userId: string, itemId: string): boolean {
  return oneInTransaction(db, ANY_USE, userId, itemId) !== undefined
}

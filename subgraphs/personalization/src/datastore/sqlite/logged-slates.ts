import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { PersonalizationStore } from '../port.ts'
import { readCandidates, readSlate } from '../stored-json.ts'
import { INTERACTION_COLUMNS, type InteractionRow, readInteraction } from './history.ts'

const SLATES = `
  SELECT slates.body, slate_candidates.body AS candidates
  FROM slate_candidates JOIN slates ON slates.id = slate_candidates.slate_id
  WHERE slate_candidates.slate_id > ? ORDER BY slate_candidates.slate_id LIMIT ?`

// Interactions have no index by slate, which every write would pay for.
const INTERACTIONS = `
  SELECT ${INTERACTION_COLUMNS} FROM interactions
  WHERE user_id IN (SELECT value FROM json_each(?)) AND slate_id IN (SELECT value FROM json_each(?))
  ORDER BY event_id`

export function createSqliteLoggedSlates(db: SqliteDatabase): Pick<PersonalizationStore, 'scanLoggedSlates'> {
  return {
    async scanLoggedSlates({ after, limit }) {
      type Row = { readonly body: string; readonly candidates: string }
      const rows = await selectAll<Row>(db, SLATES, after ?? '', limit)
      const found = rows.map(({ body, candidates }) => ({
        slate: readSlate(body),
        candidates: readCandidates(candidates),
      }))
      const userIds = [...new Set(found.map(({ slate }) => slate.userId))]
      const slateIds = found.map(({ slate }) => slate.id)
      const interactions = await selectAll<InteractionRow>(
        db,
        INTERACTIONS,
        JSON.stringify(userIds),
        JSON.stringify(slateIds),
      )
      const bySlate = Map.groupBy(interactions.map(readInteraction), ({ slateId }) => slateId)
      return found.map((logged) => ({ ...logged, interactions: bySlate.get(logged.slate.id) ?? [] }))
    },
  }
}

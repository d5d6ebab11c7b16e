import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import type { AnalysisPage, AnalysisStore } from '../analyses-port.ts'
import { countErased } from '../event-blocks.ts'
import type { ExperimentationStore } from '../port.ts'
import { readStoredAnalysis } from '../stored-json.ts'

const INSERT = `
  INSERT INTO analyses (id, experiment_key, segment, cutoff, created_at, body) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`

/** The index of a lookup, or null for an id. */
const FIND = `
  SELECT NULL AS lookup, body FROM analyses WHERE id IN (SELECT value FROM json_each(?1))
  UNION ALL
  SELECT asked.key AS lookup, found.body FROM json_each(?2) AS asked JOIN analyses AS found ON found.id = (
    SELECT id FROM analyses
      WHERE experiment_key = asked.value ->> 'experimentKey' AND segment IS (asked.value ->> 'segment')
        AND cutoff >= coalesce(asked.value ->> 'cutoff', cutoff) AND cutoff <= coalesce(asked.value ->> 'cutoff', cutoff)
      ORDER BY cutoff DESC, created_at DESC, id DESC LIMIT 1
  )`

const PAGES = `
  SELECT asked.value AS experiment, found.body FROM json_each(?1) AS asked JOIN analyses AS found ON found.id IN (
    SELECT id FROM analyses
      WHERE experiment_key = asked.value AND (?2 IS NULL OR (cutoff, created_at, id) < (?2, ?3, ?4))
      ORDER BY cutoff DESC, created_at DESC, id DESC LIMIT ?5
  )
  ORDER BY asked.key, found.cutoff DESC, found.created_at DESC, found.id DESC`

/** Whole blocks are summed; of the block that a position lies in, the rows say which of its events are erased. */
const ERASED = `
  SELECT asked.value AS position,
      (SELECT coalesce(sum(erased), 0) FROM event_blocks WHERE erased > 0 AND first + count - 1 <= asked.value) AS events,
      block.first, block.rows
    FROM json_each(?) AS asked LEFT JOIN event_blocks AS block ON block.first + block.count - 1 > asked.value
      AND block.first = (SELECT first FROM event_blocks WHERE first <= asked.value ORDER BY first DESC LIMIT 1)`

type ErasedRow = {
  readonly position: number
  readonly events: number
  readonly first: number | null
  readonly rows: string | null
}

export function createSqliteAnalyses(
  db: SqliteDatabase,
): AnalysisStore & Pick<ExperimentationStore, 'erasedEvents'> {
  async function erasedEventsUpTo(positions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const rows = await selectAll<ErasedRow>(db, ERASED, JSON.stringify(positions))
    return new Map(
      rows.map(({ position, events, first, rows: blockRows }) => {
        const within =
          first === null || blockRows === null ? 0 : countErased({ first, rows: blockRows }, position)
        return [position, events + within]
      }),
    )
  }

  return {
    async insertAnalysis(analysis) {
      const { id, experimentKey, segment, cutoff, createdAt } = analysis
      const body = JSON.stringify(analysis)
      const written = await db.write(() =>
        execute(db, INSERT, id, experimentKey, segment, cutoff, createdAt, body),
      )
      return written === 1 ? 'stored' : 'known'
    },

    async findAnalyses({ ids, newest }) {
      const rows = await selectAll<{ readonly lookup: number | null; readonly body: string }>(
        db,
        FIND,
        JSON.stringify(ids),
        JSON.stringify(newest),
      )
      const byId = new Map<string, StoredAnalysis>()
      const found = newest.map((): StoredAnalysis | null => null)
      for (const { lookup, body } of rows) {
        const analysis = readStoredAnalysis(body)
        if (lookup === null) byId.set(analysis.id, analysis)
        else found[lookup] = analysis
      }
      return { byId, newest: found }
    },

    async analysisPages({ experimentKeys, limit, after }) {
      const rows = await selectAll<{ readonly experiment: string; readonly body: string }>(
        db,
        PAGES,
        JSON.stringify(experimentKeys),
        after?.cutoff ?? null,
        after?.createdAt ?? null,
        after?.id ?? null,
        limit + 1,
      )
      const byExperiment = Map.groupBy(rows, ({ experiment }) => experiment)
      return new Map(
        experimentKeys.map((key): [string, AnalysisPage] => {
          const found = byExperiment.get(key) ?? []
          const analyses = found.slice(0, limit).map(({ body }) => readStoredAnalysis(body))
          return [key, { analyses, hasMore: found.length > limit }]
        }),
      )
    },

    erasedEventsUpTo,
    erasedEvents: async (upTo) => (await erasedEventsUpTo([upTo])).get(upTo) ?? 0,
  }
}

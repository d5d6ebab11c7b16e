import { ignoreDuplicates } from '@bulkhead/datastore/mongodb/ignore'
import type { Db } from '@bulkhead/datastore/mongodb/open'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import type { AnalysisPage, AnalysisStore } from '../analyses-port.ts'
import { countErased } from '../event-blocks.ts'
import type { ExperimentationStore } from '../port.ts'
import { readStoredAnalysis } from '../stored-json.ts'
import { type Collections, DURABLE } from './collections.ts'

/** No id, key or segment; stored for an analysis of all units, because no index finds null from within a lookup. */
const NONE = ''
const NEWEST_FIRST = { cutoff: -1, createdAt: -1, _id: -1 } as const

/** What is asked for, in order; each row joins what it finds, so that all of it is one command. */
type Asked = Readonly<Record<string, unknown>>

type ErasedRow = {
  readonly position: number
  readonly sum: readonly { readonly events: number }[]
  readonly last: readonly { readonly first: number; readonly erased?: number; readonly rows: string }[]
}

export function createMongoAnalyses(
  db: Db,
  { analyses, eventBlocks }: Pick<Collections, 'analyses' | 'eventBlocks'>,
): AnalysisStore & Pick<ExperimentationStore, 'erasedEvents'> {
  function joined<Row extends object>(
    rows: readonly Asked[],
    stages: readonly Readonly<Record<string, unknown>>[],
  ): Promise<Row[]> {
    const { readConcern, readPreference } = DURABLE
    // Literal: a text that begins with a dollar would be an expression.
    const pipeline = [{ $documents: { $literal: rows } }, ...stages]
    // The first batch holds them all, unless they are larger than a message.
    return db.aggregate<Row>(pipeline, { readConcern, readPreference, batchSize: 100_000 }).toArray()
  }

  async function erasedEventsUpTo(positions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (positions.length === 0) return new Map()
    const upTo = { $lte: ['$first', '$$position'] }
    const lookup = { from: eventBlocks.collectionName, let: { position: '$position' } }
    const rows = await joined<ErasedRow>(
      positions.map((position) => ({ position })),
      [
        {
          $lookup: {
            ...lookup,
            pipeline: [
              // Blocks that wait for a position have none.
              { $match: { erased: { $gt: 0 }, first: { $gt: 0 }, $expr: upTo } },
              { $group: { _id: null, events: { $sum: '$erased' } } },
            ],
            as: 'sum',
          },
        },
        {
          $lookup: {
            ...lookup,
            pipeline: [
              { $match: { first: { $gt: 0 }, $expr: upTo } },
              { $sort: { first: -1 } },
              { $limit: 1 },
              { $project: { first: 1, erased: 1, rows: 1 } },
            ],
            as: 'last',
          },
        },
      ],
    )
    return new Map(
      rows.map(({ position, sum: [sum], last: [last] }) => {
        const beyond = last?.erased === undefined ? 0 : last.erased - countErased(last, position)
        return [position, (sum?.events ?? 0) - beyond]
      }),
    )
  }

  return {
    async insertAnalysis(analysis) {
      const { id, experimentKey, segment, cutoff, createdAt } = analysis
      const body = JSON.stringify(analysis)
      const document = { _id: id, experimentKey, segment: segment ?? NONE, cutoff, createdAt, body }
      const result = await analyses.insertOne(document).catch(ignoreDuplicates)
      return result === undefined ? 'known' : 'stored'
    },

    async findAnalyses({ ids, newest }) {
      // Every row has every field: comparing with a missing one would read the whole collection.
      const rows: Asked[] = [
        ...ids.map((id) => ({ id, lookup: null, experimentKey: NONE, segment: NONE, from: 0, to: 0 })),
        ...newest.map(({ experimentKey, cutoff, segment }, lookup) => ({
          ...{ id: NONE, lookup, experimentKey, segment: segment ?? NONE },
          // No cutoff is beyond the range of JavaScript's times.
          ...{ from: cutoff ?? -8.64e15, to: cutoff ?? 8.64e15 },
        })),
      ]
      const byId = new Map<string, StoredAnalysis>()
      const found = newest.map((): StoredAnalysis | null => null)
      if (rows.length === 0) return { byId, newest: found }
      const documents = await joined<{ readonly lookup: number | null; readonly body: string }>(rows, [
        {
          $lookup: {
            from: analyses.collectionName,
            localField: 'id',
            foreignField: '_id',
            as: 'named',
          },
        },
        {
          $lookup: {
            from: analyses.collectionName,
            let: { key: '$experimentKey', segment: '$segment', from: '$from', to: '$to' },
            pipeline: [
              {
                $match: {
                  $expr: {
                    $and: [
                      { $eq: ['$experimentKey', '$$key'] },
                      { $eq: ['$segment', '$$segment'] },
                      { $gte: ['$cutoff', '$$from'] },
                      { $lte: ['$cutoff', '$$to'] },
                    ],
                  },
                },
              },
              { $sort: NEWEST_FIRST },
              { $limit: 1 },
            ],
            as: 'newest',
          },
        },
        { $project: { lookup: 1, found: { $concatArrays: ['$named', '$newest'] } } },
        { $unwind: '$found' },
        { $project: { lookup: 1, body: '$found.body' } },
      ])
      for (const { lookup, body } of documents) {
        const analysis = readStoredAnalysis(body)
        if (lookup === null) byId.set(analysis.id, analysis)
        else found[lookup] = analysis
      }
      return { byId, newest: found }
    },

    async analysisPages({ experimentKeys, limit, after }) {
      if (experimentKeys.length === 0) return new Map()
      const following =
        after === null
          ? {}
          : {
              $or: [
                { cutoff: { $lt: after.cutoff } },
                { cutoff: after.cutoff, createdAt: { $lt: after.createdAt } },
                { cutoff: after.cutoff, createdAt: after.createdAt, _id: { $lt: after.id } },
              ],
            }
      const documents = await joined<{ readonly experiment: string; readonly body: string }>(
        experimentKeys.map((experiment) => ({ experiment })),
        [
          {
            $lookup: {
              from: analyses.collectionName,
              let: { key: '$experiment' },
              pipeline: [
                { $match: { $expr: { $eq: ['$experimentKey', '$$key'] }, ...following } },
                { $sort: NEWEST_FIRST },
                { $limit: limit + 1 },
              ],
              as: 'found',
            },
          },
          { $unwind: '$found' },
          { $project: { experiment: 1, body: '$found.body' } },
        ],
      )
      const byExperiment = Map.groupBy(documents, ({ experiment }) => experiment)
      return new Map(
        experimentKeys.map((key): [string, AnalysisPage] => {
          const found = byExperiment.get(key) ?? []
          const read = found.slice(0, limit).map(({ body }) => readStoredAnalysis(body))
          return [key, { analyses: read, hasMore: found.length > limit }]
        }),
      )
    },

    erasedEventsUpTo,
    erasedEvents: async (upTo) => (await erasedEventsUpTo([upTo])).get(upTo) ?? 0,
  }
}

import type { MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import { countStep, groupingOf, SURFACE_GROUPING, unitKey } from '../exposure-cells.ts'
import { groupCounts } from '../exposure-groups.ts'
import type { CountedThrough, ExperimentationStore, ExposureCount } from '../port.ts'
import type { Collections, CountDocument } from './collections.ts'

const EXPOSURES = 'exposures'
const NOTHING: CountedThrough = { position: 0, asOf: 0 }

/** Rows in the first batch of a reply. MongoDB limits a batch by its size as well. */
const MAX_COUNT_ROWS = 100_000

type CountRow = CountDocument & { readonly through: readonly CountedThrough[] }

export function createMongoCounts(
  datastore: MongoDatastore,
  {
    countedThrough,
    exposureCounts,
    exposureUnits,
  }: Pick<Collections, 'countedThrough' | 'exposureCounts' | 'exposureUnits'>,
): Pick<ExperimentationStore, 'addCounts' | 'countedThrough' | 'exposureCounts'> {
  return {
    async countedThrough() {
      const { position, asOf } = (await countedThrough.findOne({ _id: EXPOSURES })) ?? NOTHING
      return { position, asOf }
    },

    addCounts({ from, through, exposures }) {
      return inTransaction(datastore, async (session) => {
        const stored = (await countedThrough.findOne({ _id: EXPOSURES }, { session })) ?? NOTHING
        if (stored.position !== from || through.position < from) {
          await session.abortTransaction()
          return 'overtaken'
        }
        // Two that move it at the same time conflict, also where nothing else is written.
        await countedThrough.replaceOne({ _id: EXPOSURES }, through, { session, upsert: true })
        if (exposures.length === 0) return 'added'
        const ids = new Map(exposures.map((exposure) => [unitKey(exposure), exposure]))
        const found = await exposureUnits
          .find(
            { _id: { $in: [...ids.values()].map(({ experimentKey: e, unit: u }) => ({ e, u })) } },
            { session, batchSize: ids.size + 1 },
          )
          .toArray()
        const known = new Map(
          found.map(({ _id: { e, u }, cells }) => [unitKey({ experimentKey: e, unit: u }), cells]),
        )
        const surfaces = await exposureCounts
          .find(
            {
              '_id.e': { $in: [...new Set(exposures.map((e) => e.experimentKey))] },
              '_id.m': SURFACE_GROUPING,
            },
            { session, projection: { _id: 1 }, batchSize: MAX_COUNT_ROWS },
          )
          .toArray()
        const { counters, units } = countStep(exposures, {
          units: known,
          surfaces: surfaces.map(({ _id: { e, s } }) => [e, s ?? ''] as const),
        })
        await exposureCounts.bulkWrite(
          counters.map(({ key, units: unitCount, exposures: exposureCount }) => ({
            updateOne: {
              filter: {
                _id: {
                  e: key.experimentKey,
                  m: key.grouping,
                  v: key.variantKey,
                  d: key.day,
                  s: key.surface,
                  g: key.rung,
                },
              },
              update: { $inc: { units: unitCount, exposures: exposureCount } },
              upsert: true,
            },
          })),
          { session, ordered: false },
        )
        if (units.length > 0) {
          await exposureUnits.bulkWrite(
            units.map(({ experimentKey: e, unit: u, cells }) => ({
              updateOne: { filter: { _id: { e, u } }, update: { $set: { cells } }, upsert: true },
            })),
            { session, ordered: false },
          )
        }
        return 'added'
      })
    },

    async exposureCounts(experimentKeys, groupBy) {
      if (experimentKeys.length === 0) return new Map()
      const rows = await exposureCounts
        .aggregate<CountRow>(
          [
            { $match: { '_id.e': { $in: experimentKeys }, '_id.m': groupingOf(groupBy) } },
            {
              $lookup: {
                from: countedThrough.collectionName,
                pipeline: [{ $match: { _id: EXPOSURES } }],
                as: 'through',
              },
            },
          ],
          { batchSize: MAX_COUNT_ROWS },
        )
        .toArray()
      return groupCounts(
        experimentKeys,
        rows.map(({ _id: { e, v, d, s, g }, units, exposures, through }): [string, ExposureCount] => [
          e,
          {
            variantKey: v,
            day: d,
            surface: s,
            // The counter was written from an exposure's own rung.
            rung: g as ExposureCount['rung'],
            units,
            exposures,
            asOf: through[0]?.asOf ?? 0,
          },
        ]),
      )
    },
  }
}

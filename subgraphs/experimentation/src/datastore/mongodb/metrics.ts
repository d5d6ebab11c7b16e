import type { ExperimentationStore } from '../port.ts'
import { readMetricVersions } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import type { Collections } from './collections.ts'

export function createMongoMetrics({
  metrics,
}: Pick<Collections, 'metrics'>): Pick<
  ExperimentationStore,
  'metricsByKeys' | 'findMetrics' | 'metricRecords'
> {
  return {
    async metricsByKeys(keys) {
      if (keys.length === 0) return []
      const documents = await metrics.find({ _id: { $in: keys } }, { batchSize: keys.length + 1 }).toArray()
      return documents.map(({ body }) => readMetricVersions(body))
    },

    async findMetrics({ limit, after }) {
      const documents = await metrics
        .find(after === null ? {} : { _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      const found = documents.slice(0, limit).map(({ body }) => readMetricVersions(body))
      return { metrics: found, hasMore: documents.length > limit }
    },

    async metricRecords({ limit, after }) {
      const documents = await metrics
        .find(after === null ? {} : { _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      return documents.map((document) =>
        storedRecord(
          document._id,
          document,
          () => readMetricVersions(document.body),
          ({ key, versions }) => ({ _id: key, version: versions.length }),
        ),
      )
    },
  }
}

import type { ClientSession } from '@bulkhead/datastore/mongodb/open'
import type { ChangeBatch, ExperimentationStore } from '../port.ts'
import { readTargetingDefinition } from '../stored-json.ts'
import type { Collections } from './collections.ts'

export function createMongoTargeting({
  targeting,
}: Pick<Collections, 'targeting'>): Pick<ExperimentationStore, 'targetingDefinitions'> {
  return {
    async targetingDefinitions(kinds) {
      const documents = await targeting
        .find(kinds === undefined ? {} : { kind: { $in: kinds } }, { sort: { _id: 1 } })
        .toArray()
      return documents.map(({ body }) => readTargetingDefinition(body))
    },
  }
}

/** To be called inside a transaction; false where another version is stored. */
export async function writeDefinitions(
  { targeting }: Pick<Collections, 'targeting'>,
  definitions: ChangeBatch['definitions'],
  session: ClientSession,
): Promise<boolean> {
  if (definitions.length === 0) return true
  const { insertedCount, matchedCount } = await targeting.bulkWrite(
    definitions.map(({ definition, expectedVersion }) => {
      const { kind, value } = definition
      const document = {
        _id: `${kind}:${value.key}`,
        kind,
        version: value.version,
        body: JSON.stringify(definition),
      }
      if (expectedVersion === 0) return { insertOne: { document } }
      const filter = { _id: document._id, version: expectedVersion }
      return { replaceOne: { filter, replacement: document } }
    }),
    { session },
  )
  return insertedCount + matchedCount === definitions.length
}

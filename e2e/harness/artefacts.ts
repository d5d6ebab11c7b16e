import { DatabaseSync } from 'node:sqlite'
import { parseDatastoreUrl } from '@bulkhead/datastore/datastore-url'
import { MongoClient } from 'mongodb'

const NO_ARTEFACT = Buffer.from('not what was stored')

/** Overwrites the stored artefact of a model version, as a broken disk would. */
export async function corruptArtefact(url: string, versionId: string): Promise<void> {
  const parsed = parseDatastoreUrl(url)
  if (parsed.kind === 'sqlite') {
    const database = new DatabaseSync(parsed.path, { timeout: 5_000 })
    try {
      const { changes } = database
        .prepare(
          `UPDATE artefact_chunks SET bytes = ? WHERE upload_id =
           (SELECT upload_id FROM model_versions WHERE id = ?)`,
        )
        .run(NO_ARTEFACT, versionId)
      if (Number(changes) === 0) throw new Error(`${versionId} has no artefact`)
    } finally {
      database.close()
    }
    return
  }
  const client = new MongoClient(parsed.url)
  try {
    const db = client.db(parsed.database)
    const version = await db
      .collection<{ _id: string; uploadId: string }>('model_versions')
      .findOne({ _id: versionId })
    const chunks = db.collection<{ uploadId: string; bytes: Buffer }>('artefact_chunks')
    const { modifiedCount } = await chunks.updateMany(
      { uploadId: version?.uploadId ?? '' },
      { $set: { bytes: NO_ARTEFACT } },
    )
    if (modifiedCount === 0) throw new Error(`${versionId} has no artefact`)
  } finally {
    await client.close()
  }
}

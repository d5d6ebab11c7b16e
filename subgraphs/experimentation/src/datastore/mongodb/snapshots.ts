import { gunzipSync, gzipSync } from 'node:zlib'
import type { AssignmentSnapshot } from '@bulkhead/contracts'
import type { ExperimentationStore } from '../port.ts'
import { readSnapshot } from '../stored-json.ts'
import type { Collections, SnapshotDocument } from './collections.ts'

/** Packed, because a snapshot may be as large as the largest document that MongoDB stores. */
export function snapshotDocument(snapshot: AssignmentSnapshot): SnapshotDocument {
  return { _id: snapshot.version, body: gzipSync(JSON.stringify(snapshot), { level: 1 }) }
}

/** Without it, binary values come back as objects of the driver. */
const AS_BUFFER = { promoteBuffers: true } as const

/** Earlier releases stored the text. */
function readDocument({ body }: SnapshotDocument): AssignmentSnapshot {
  return readSnapshot(typeof body === 'string' ? body : gunzipSync(body).toString('utf8'))
}

export function createMongoSnapshots({
  snapshots,
}: Pick<Collections, 'snapshots'>): Pick<ExperimentationStore, 'latestSnapshot' | 'snapshotsByVersions'> {
  return {
    async latestSnapshot() {
      const newest = await snapshots.findOne({}, { sort: { _id: -1 }, ...AS_BUFFER })
      return newest === null ? null : readDocument(newest)
    },

    async snapshotsByVersions(versions) {
      if (versions.length === 0) return []
      const documents = await snapshots
        .find({ _id: { $in: versions } }, { sort: { _id: 1 }, batchSize: versions.length + 1, ...AS_BUFFER })
        .toArray()
      return documents.map(readDocument)
    },
  }
}

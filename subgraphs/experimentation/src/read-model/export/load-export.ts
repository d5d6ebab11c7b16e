import type { DuckDBConnection } from '@duckdb/node-api'
import { ReadModelGapError } from '../errors.ts'
import type { ReadModel } from '../port.ts'
import { advance, readThrough, writeLastEvent } from '../progress.ts'
import { ExportUnusableError } from './errors.ts'
import { readFiles, verifyRange } from './export-files.ts'
import { type ExportRange, type Manifest, readExport } from './manifest.ts'

/** One range of an export in a folder. */
export type ExportPart = {
  readonly folder: string
  readonly manifest: Manifest
  readonly range: ExportRange
}

/**
 * Adds a range to the read model's tables; runs inside a transaction. The ids of its attributes are positions, so no other
 * range has them. Nor has the dictionary given them: each of its ids is that of an event before the range, at most.
 */
export async function loadRange(
  connection: DuckDBConnection,
  { folder, manifest, range }: ExportPart,
): Promise<void> {
  const known = await readThrough(connection)
  if (range.through <= known) return
  if (range.after !== known) {
    throw new ReadModelGapError(
      `the range begins after position ${range.after}, the read model ends at ${known}`,
    )
  }
  await verifyRange(folder, range)
  await readFiles(connection, folder, range, manifest.format)
  await advance(connection, { through: range.through, completeFrom: manifest.completeFrom })
  const { lastEvent } = manifest
  if (lastEvent !== null && lastEvent.position <= range.through) await writeLastEvent(connection, lastEvent)
}

/** Takes in a whole export. */
export async function loadExport(
  model: { load(part: ExportPart): Promise<void> },
  folder: string,
  manifest: Manifest,
): Promise<void> {
  for (const range of manifest.ranges) await model.load({ folder, manifest, range })
}

/**
 * Lets a read model that is empty begin with an export. Erasures that the export has not applied have to be carried out
 * afterwards, as `eraseKnown` does it for a new read model; so they must all be known still.
 *
 * @param from.log the id of the datastore
 * @param from.erasuresKnownFrom erasures that were recorded before this instant may be forgotten, epoch milliseconds
 * @throws ExportUnusableError for an export that has not applied them, besides what `loadExport` throws
 */
export async function beginWithExport(
  model: Pick<ReadModel, 'through'> & { load(part: ExportPart): Promise<void> },
  { folder, log, erasuresKnownFrom }: { folder: string; log: string; erasuresKnownFrom: number },
): Promise<void> {
  if ((await model.through()) > 0) return
  const manifest = readExport(folder, log)
  if (manifest.erasuresFrom < erasuresKnownFrom) {
    throw new ExportUnusableError(`${folder} may hold units that were erased since: run export on it first`)
  }
  await loadExport(model, folder, manifest)
}

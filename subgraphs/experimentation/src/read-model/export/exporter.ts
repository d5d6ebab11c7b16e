import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ExperimentationStore } from '../../datastore/port.ts'
import { nextErasuresFrom } from '../erasing.ts'
import { createFollower } from '../follow.ts'
import { takeLock } from '../lock-file.ts'
import { eraseFromExport } from './erase-from-export.ts'
import { ExportUnusableError } from './errors.ts'
import { deleteUnlisted, writeFiles } from './export-files.ts'
import {
  type ExportFormat,
  type ExportRange,
  type Manifest,
  readManifest,
  writeManifest,
} from './manifest.ts'
import { openRangeTables, type RangeTables } from './range-tables.ts'

const NEW_RANGE = { missing: false, generation: 0, erased: 0, erasedAt: null, files: {} } as const

/** The rows of a range are held in a temporary file while it is written; its Parquet files have some 50 MB. */
const POSITIONS_PER_RANGE = 1_000_000

export type ExportProgress =
  | { readonly type: 'erased'; readonly events: number }
  | { readonly type: 'exported'; readonly through: number; readonly goal: number }

export type ExportOptions = {
  readonly store: Pick<
    ExperimentationStore,
    'head' | 'eventsBetween' | 'logStart' | 'logId' | 'erasuresSince' | 'moveArchive'
  >
  readonly folder: string
  /** Of a new export; an old one keeps its format. */
  readonly format: ExportFormat
  /** The name under which retention waits for it; null to leave that as it is. */
  readonly archive: string | null
  readonly clock: { now(): number }
  /** Events that are read at once. */
  readonly limit: number
  readonly positionsPerRange?: number
  readonly onProgress: (progress: ExportProgress) => void
}

/**
 * Brings an export up to the head of the log: applies erasures that are new, and then adds ranges. A range is listed in the
 * manifest once its files are durable, so the process can be killed anywhere and the next run goes on from the last range.
 *
 * @throws ExportUnusableError where the folder holds something else, or the export of another datastore
 * @throws ReadModelLockedError while another process writes to it
 */
export async function exportEvents(options: ExportOptions): Promise<Manifest> {
  const { store, folder, clock, onProgress } = options
  mkdirSync(folder, { recursive: true })
  const unlock = takeLock(join(folder, 'export.lock'))
  try {
    const manifest = await openExport(options)
    deleteUnlisted(folder, manifest)
    const tables = await openRangeTables()
    try {
      const at = clock.now()
      const erasures = await store.erasuresSince(manifest.erasuresFrom)
      const { ranges, events } = await eraseFromExport({ tables, folder, manifest, erasures, at })
      const erased = { ...manifest, ranges, erasuresFrom: nextErasuresFrom(erasures, at) }
      writeManifest(folder, erased)
      await record(store, erased)
      deleteUnlisted(folder, erased)
      if (events > 0) onProgress({ type: 'erased', events })
      return await addRanges(options, tables, erased)
    } finally {
      await tables.close()
    }
  } finally {
    unlock()
  }
}

async function openExport({ store, folder, format, archive }: ExportOptions): Promise<Manifest> {
  const log = await store.logId()
  const known = readManifest(folder)
  if (known === null) {
    const other = readdirSync(folder).find((name) => !/^(export\.lock.*|manifest\.json\.new)$/.test(name))
    if (other !== undefined) throw new ExportUnusableError(`${folder} is not empty and holds no export`)
    const manifest: Manifest = {
      ...{ version: 1, id: randomUUID(), log, format, archive, through: 0, completeFrom: 0 },
      ...{ lastEvent: null, erasuresFrom: 0, ranges: [] },
    }
    writeManifest(folder, manifest)
    return manifest
  }
  if (known.log !== log) throw new ExportUnusableError(`${folder} is the export of another datastore`)
  if (known.format !== format) {
    throw new ExportUnusableError(
      `${folder} is an export as ${known.format}: export other formats to other folders`,
    )
  }
  return archive === null ? known : { ...known, archive }
}

/** Tells the datastore how far the archive has got, so that retention can go on. */
async function record(store: ExportOptions['store'], manifest: Manifest): Promise<void> {
  const { archive: name, id: exportId, through, erasuresFrom } = manifest
  if (name === null) return
  if (await store.moveArchive({ name, exportId, through, erasuresFrom })) return
  throw new ExportUnusableError(
    `the archive ${name} is another export: retention may have erased events that only that one has`,
  )
}

/** Adds ranges up to the head of now; the follower decides what a page is, and finds out another log. */
async function addRanges(options: ExportOptions, tables: RangeTables, begun: Manifest): Promise<Manifest> {
  const { store, folder, limit, onProgress, positionsPerRange = POSITIONS_PER_RANGE } = options
  let manifest = begun
  let at = manifest.through
  let lastEvent = manifest.lastEvent
  const goal = await store.head()

  async function list(range: ExportRange, completeFrom = manifest.completeFrom): Promise<void> {
    const { through } = range
    manifest = { ...manifest, ranges: [...manifest.ranges, range], through, completeFrom, lastEvent }
    writeManifest(folder, manifest)
    await record(store, manifest)
    await tables.clear()
    onProgress({ type: 'exported', through, goal: Math.max(goal, through) })
  }

  async function closeRange(): Promise<void> {
    if (at === manifest.through) return
    const range = { ...NEW_RANGE, after: manifest.through, through: at }
    await list(await writeFiles(tables.connection, folder, range, manifest.format))
  }

  await tables.clear()
  const follower = createFollower({
    store,
    limit,
    model: {
      through: async () => at,
      lastEvent: async () => lastEvent,
      async feed({ through, events }) {
        await tables.add(events)
        at = through
        const last = events.at(-1)
        if (last !== undefined) lastEvent = { position: last.position, eventId: last.event.eventId }
        if (at - manifest.through >= positionsPerRange) await closeRange()
      },
      async skip({ position, completeFrom }) {
        await closeRange()
        const range = { ...NEW_RANGE, after: at, through: position, missing: true }
        at = position
        await list(range, Math.max(manifest.completeFrom, completeFrom))
      },
    },
  })
  while (at < goal && (await follower.step())) await setImmediate()
  await closeRange()
  return manifest
}

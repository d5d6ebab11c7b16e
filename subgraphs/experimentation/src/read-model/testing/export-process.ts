import type { KnownErasure, PositionedEvent } from '../../datastore/port.ts'
import { unitHash } from '../../domain/erasure.ts'
import { NOON, sampleExposure, sampleIncoming, sampleInteraction } from '../../testing/samples.ts'
import { exportEvents } from '../export/exporter.ts'
import { createLogStore } from './log-store.ts'

/** Exports a log that is known to the test as well, until it is done or killed: `export-process.ts FOLDER ERASURES`. */

const UNITS = 60

export const LOG: readonly PositionedEvent[] = Array.from({ length: 2_000 }, (_, index) => {
  const unit = `u${index % UNITS}`
  const occurredAt = new Date(NOON + index * 1_000).toISOString()
  const attributes = { of: unit }
  const variantKey = (index % UNITS) % 2 === 0 ? 'control' : 'treatment'
  const event =
    index < UNITS
      ? sampleExposure({ unit, variantKey, occurredAt, attributes, slateId: `slate-${index}` })
      : sampleInteraction({ eventId: `play-${index}-number`, type: 'PLAY', unit, occurredAt, attributes })
  return { ...sampleIncoming(event), position: index + 1 }
})

export function erasedUnits(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `u${index}`)
}

function erasures(count: number): readonly KnownErasure[] {
  const about = { occurredAt: NOON + 10_000_000, recordedAt: NOON, done: false }
  return erasedUnits(count).map((unit) => ({ unitHash: unitHash(unit), ...about }))
}

if (import.meta.main) {
  const [folder = '', count] = process.argv.slice(2)
  const store = createLogStore(LOG)
  store.addErasures(erasures(Number(count)))
  console.log('begins')
  await exportEvents({
    ...{ store, folder, format: 'parquet', archive: null, clock: { now: () => NOON }, limit: 25 },
    ...{ positionsPerRange: 50, onProgress: () => undefined },
  })
  console.log('done')
}

import { createHash } from 'node:crypto'
import { createSlateId, exposureEventId, type IngestEvent } from '@bulkhead/contracts'

/** What the demo's experiment is called. */
const EXPERIMENT = 'home-mix'
const VARIANTS = ['control', 'more-popular'] as const
const UNITS = 1_000_000
/** Of ten events, so many are exposures and the rest interactions. */
const EXPOSURES_OF_TEN = 8
const PRODUCER = 'bench-1'

/** The events with the numbers `from` … `from + count - 1`: the same numbers give the same events. */
export function sampleEvents(from: number, count: number, now: number): IngestEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent(from + index, now))
}

export function sampleBatch(events: readonly IngestEvent[]) {
  return { producer: PRODUCER, events }
}

function sampleEvent(number: number, now: number): IngestEvent {
  const digest = createHash('sha256').update(`event ${number}`).digest()
  const unit = `user-${String(digest.readUInt32BE(0) % UNITS).padStart(7, '0')}`
  const slateId = createSlateId({ unit, now, random: digest.subarray(4, 14) })
  const occurredAt = new Date(now).toISOString()
  if (number % 10 >= EXPOSURES_OF_TEN) {
    return {
      kind: 'interaction',
      eventId: digest.toString('base64url').slice(0, 32),
      type: 'CLICK',
      unit,
      itemId: `track-${digest.readUInt16BE(14)}`,
      slateId,
      value: null,
      occurredAt,
    }
  }
  return {
    kind: 'exposure',
    eventId: exposureEventId(slateId, EXPERIMENT),
    experimentKey: EXPERIMENT,
    experimentVersion: 1,
    variantKey: VARIANTS[digest.readUInt8(16) % 2] ?? VARIANTS[0],
    unit,
    surface: 'home',
    applied: true,
    forced: false,
    snapshotVersion: 2,
    slateId,
    modelVersionId: 'ease-20260105-1',
    rung: 'MODEL',
    attributes: { country: 'SE', plan: digest.readUInt8(17) % 2 === 0 ? 'free' : 'premium', app: '9.1.4' },
    occurredAt,
  }
}

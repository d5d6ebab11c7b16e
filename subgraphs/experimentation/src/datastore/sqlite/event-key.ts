import { hash } from 'node:crypto'

const KEY_BYTES = 16

/**
 * What stands for an event id in `event_ids`: the first 16 bytes of its SHA-256. Ids come in no order, so nearly each
 * insert changes another page of the table; with short keys the table has half as many pages.
 */
export function eventKey(eventId: string): Uint8Array {
  const key = Buffer.allocUnsafe(KEY_BYTES)
  // Three times as fast as asking for a buffer, and ingest asks for one key an event.
  key.write(hash('sha256', eventId, 'binary'), 'latin1')
  return key
}

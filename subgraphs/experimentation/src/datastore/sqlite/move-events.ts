import type { DatabaseSync } from 'node:sqlite'
import { createMove, type MovedBlock } from '../moved-events.ts'
import { eventKey } from './event-key.ts'

/** Moves the events of the first releases, a row each, into blocks; they keep their positions. */
export function moveEvents(db: DatabaseSync): void {
  const insertId = db.prepare('INSERT INTO event_ids (key, occurred_at, recorded_at) VALUES (?, ?, ?)')
  const insertBlock = db.prepare(
    'INSERT INTO event_blocks (first, count, kind, producer, recorded_at, rows) VALUES (?, ?, ?, ?, ?, ?)',
  )
  function write(block: MovedBlock | null): void {
    if (block === null) return
    const { first, count, kind, producer, recordedAt, rows, events } = block
    for (const { event } of events) {
      insertId.run(eventKey(event.eventId), Date.parse(event.occurredAt), recordedAt)
    }
    insertBlock.run(first, count, kind, producer, recordedAt, rows)
  }

  const move = createMove()
  const events = db.prepare('SELECT position, producer, recorded_at, body FROM events ORDER BY position')
  for (const { position, producer, recorded_at: recordedAt, body } of events.iterate()) {
    write(
      move.add({
        position: Number(position),
        producer: String(producer),
        recordedAt: Number(recordedAt),
        body: String(body),
      }),
    )
  }
  write(move.end())
  db.exec(`
    INSERT INTO ingest_head (position)
      SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);
    DROP TABLE events;
  `)
}

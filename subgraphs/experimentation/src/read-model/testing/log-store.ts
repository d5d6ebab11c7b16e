import type { KnownErasure, PositionedEvent } from '../../datastore/port.ts'
import type { ExportOptions } from '../export/exporter.ts'

export type LogStore = ExportOptions['store'] & {
  /** Makes retention erase events up to a position. */
  eraseUpTo(position: number): void
  /** Makes the erasures known, without erasing anything from the log. */
  addErasures(added: readonly KnownErasure[]): void
}

/** A datastore that has nothing but a log. */
export function createLogStore(log: readonly PositionedEvent[], head = log.at(-1)?.position ?? 0): LogStore {
  let start = 0
  const erasures: KnownErasure[] = []
  return {
    logId: async () => 'log',
    head: async () => head,
    logStart: async () => start,
    async eventsBetween({ after, upTo, limit, kinds }) {
      return log
        .filter(({ position }) => position > Math.max(after, start) && position <= upTo)
        .filter(({ event }) => kinds === undefined || kinds.includes(event.kind))
        .slice(0, limit)
    },
    erasuresSince: async (since) => erasures.filter(({ recordedAt }) => recordedAt >= since),
    moveArchive: async () => true,
    eraseUpTo(position) {
      start = position
    },
    addErasures(added) {
      erasures.push(...added)
    },
  }
}

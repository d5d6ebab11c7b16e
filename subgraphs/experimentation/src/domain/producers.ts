import type { GoodbyeEvent, HeartbeatEvent } from '@bulkhead/contracts'

/**
 * How long a producer may be silent before its replicas are believed instead, by the times in the reports. Longer than
 * the longest interval between two heartbeats.
 */
export const SILENCE_MS = 30 * 60_000

/** After this silence a producer that nobody can speak for no longer counts. */
export const ABANDONED_MS = 7 * 86_400_000

/** The newest report of a producer, heartbeat or goodbye. Times are epoch milliseconds. */
export type ProducerReport = {
  readonly producer: string
  /** The outbox that it shares with its replicas; null for a producer that has named none. */
  readonly outbox: string | null
  readonly sequence: number
  readonly deliveredThrough: number
  /** When it said so. */
  readonly at: number
  /** It was a goodbye: the producer has served nothing after `at`. */
  readonly ended: boolean
}

/** The newest report of each producer, by its name. */
export type Producers = ReadonlyMap<string, ProducerReport>

/**
 * The producers after one more report. Reports may come in any order, and more than once. Abandoned producers, which bound
 * nothing, are left out once a new one joins, so that restarts do not add up.
 */
export function withReport(producers: Producers, event: HeartbeatEvent | GoodbyeEvent): Producers {
  const known = producers.get(event.producer)
  if (known !== undefined && known.sequence >= event.sequence) return producers
  const report: ProducerReport = {
    producer: event.producer,
    outbox: event.outbox ?? null,
    sequence: event.sequence,
    deliveredThrough: Date.parse(event.deliveredThrough),
    at: Date.parse(event.occurredAt),
    ended: event.kind === 'goodbye',
  }
  if (known !== undefined) return new Map(producers).set(event.producer, report)
  const reports = [...producers.values(), report]
  const newest = newestOf(reports)
  return new Map(reports.filter((one) => !isAbandoned(one, newest)).map((one) => [one.producer, one]))
}

/**
 * The instant up to which all events of all producers have been delivered; null while nobody has reported. It is a pure
 * function of the reports, so that two replicas, and a replay, find the same.
 *
 * A producer bounds it by what it said last, unless it has ended or fallen silent. Then its events are in the outbox that
 * it shares with its replicas, and they say how far that was delivered:
 * - after a goodbye, any replica's report from a later time;
 * - after a silence of `SILENCE_MS`, any replica's report from a time that much later. A restarted process counts as a
 *   replica of the one before it.
 *
 * A producer that has delivered everything up to its goodbye bounds nothing any more, and neither does one that has been
 * silent for `ABANDONED_MS`.
 */
export function allDeliveredThrough(producers: Producers): number | null {
  const reports = [...producers.values()]
  if (reports.length === 0) return null
  const newest = newestOf(reports)
  const bounds = reports.flatMap((report) => {
    const through = believed(report, reports)
    if (report.ended && through >= report.at - 1) return []
    return isAbandoned(report, newest) ? [] : [through]
  })
  // All have said goodbye and delivered everything: nothing is missing up to the last of them.
  return bounds.length === 0 ? newest : Math.min(...bounds)
}

function newestOf(reports: readonly ProducerReport[]): number {
  return Math.max(...reports.map(({ at }) => at))
}

function isAbandoned({ at }: ProducerReport, newest: number): boolean {
  return newest - at >= ABANDONED_MS
}

/** How far a producer's events have been delivered, by its own word and, where they may speak for it, its replicas'. */
function believed(report: ProducerReport, reports: readonly ProducerReport[]): number {
  const { producer, outbox, at, ended, deliveredThrough } = report
  const from = ended ? at : at + SILENCE_MS
  const replicas = reports.filter(
    (other) => outbox !== null && other.outbox === outbox && other.producer !== producer && other.at >= from,
  )
  return Math.max(deliveredThrough, ...replicas.map((replica) => replica.deliveredThrough))
}

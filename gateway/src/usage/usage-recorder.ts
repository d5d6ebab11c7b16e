import type { Clock } from '@bulkhead/service/clock'
import type { Metrics } from '@bulkhead/service/metrics'
import type { OperationUsage } from './operation-usage.ts'
import type { UsageRecord } from './usage-record.ts'
import { addCoordinates, noCoordinates, type UsedCoordinates } from './used-coordinates.ts'

/** Upper bound on operations, each with a client and its version, of one hour. */
export const MAX_ENTRIES = 5_000
/** Upper bound on their documents and coordinates. */
const MAX_CHARACTERS = 16 * 1024 * 1024
const MAX_DOCUMENT_LENGTH = 16_384
const HOUR_MS = 3_600_000

type Client = { readonly name: string | null; readonly version: string | null }

export type UsageRecorder = {
  /** An operation was executed. @param variables as the client sent them; valid */
  record(
    operation: OperationUsage,
    request: {
      readonly client: Client
      readonly variables: Readonly<Record<string, unknown>>
      readonly hasErrors: boolean
    },
  ): void
  /** What was recorded since the last call. Made one by one, so that the caller can pause in between. */
  take(): Iterable<UsageRecord>
}

type Entry = {
  readonly operation: OperationUsage
  readonly client: Client
  /** Of the whole hour; the rest since the last record. */
  readonly used: UsedCoordinates
  count: number
  errors: number
  firstSeen: number
  lastSeen: number
}

type Hour = {
  /** Since the epoch. */
  readonly number: number
  readonly entries: Map<string, Entry>
  /** Of documents and coordinates. */
  characters: number
  /** Requests beyond the limits, since the last record. */
  unrecorded: number
}

/**
 * Counts operations by hour, signature, client and version. What is beyond the limits of an hour is only counted, so
 * memory is bounded whatever clients send.
 * @param options.replica names this process in its records
 */
export function createUsageRecorder(options: {
  readonly clock: Clock
  readonly replica: string
  readonly metrics: Metrics
}): UsageRecorder {
  const { clock, replica } = options
  const missing = options.metrics.counter({
    name: 'bulkhead_usage_unrecorded_total',
    help: `Requests that are counted in no record of operation usage, because the hour has ${MAX_ENTRIES} operations and clients already, or very long ones`,
  })
  let hour = newHour(hourOf(clock.now()))
  const past: Hour[] = []
  let sequence = 0
  /** The entries of this hour again, by operation and client: most requests look no further. */
  let found = new WeakMap<OperationUsage, Map<string, Entry>>()

  function beginHourIfDue(now: number): void {
    const number = hourOf(now)
    if (number <= hour.number) return
    past.push(hour)
    hour = newHour(number)
    found = new WeakMap()
  }

  function* recordsOf(of: Hour): Generator<UsageRecord> {
    for (const entry of of.entries.values()) if (entry.count > 0) yield operationRecord(entry, of)
    if (of.unrecorded === 0) return
    const count = of.unrecorded
    of.unrecorded = 0
    yield { type: 'unrecorded', ...originOf(of), count }
  }

  function originOf({ number }: Hour) {
    sequence += 1
    return { replica, sequence, hour: new Date(number * HOUR_MS).toISOString() }
  }

  function operationRecord(entry: Entry, of: Hour): UsageRecord {
    const { operation, client, used, count, errors, firstSeen, lastSeen } = entry
    const { signature, document, operationName, kind } = operation
    entry.count = 0
    entry.errors = 0
    return {
      type: 'operation',
      ...originOf(of),
      signature,
      document: document.length > MAX_DOCUMENT_LENGTH ? null : document,
      operationName,
      kind,
      client: { name: client.name, version: client.version },
      count,
      errors,
      firstSeen: new Date(firstSeen).toISOString(),
      lastSeen: new Date(lastSeen).toISOString(),
      fields: [...used.fields].sort(),
      arguments: [...used.arguments].sort(),
      inputFields: [...used.inputFields].sort(),
      enumValues: [...used.enumValues].sort(),
    }
  }

  /** Null where it is beyond the limits. */
  function entryOf(operation: OperationUsage, client: Client): Entry | null {
    let ofOperation = found.get(operation)
    if (!ofOperation) {
      ofOperation = new Map()
      found.set(operation, ofOperation)
    }
    const key = `${client.name ?? ''}\n${client.version ?? ''}`
    const known = ofOperation.get(key)
    if (known) return known
    const entry = add(operation, client, `${operation.signature}\n${key}`)
    if (entry) ofOperation.set(key, entry)
    return entry
  }

  /** Other documents may have the same signature, such as those of another schema or with other literals. */
  function add(operation: OperationUsage, client: Client, key: string): Entry | null {
    const known = hour.entries.get(key)
    if (known) {
      hour.characters += addCoordinates(known.used, operation.used)
      return known
    }
    if (hour.entries.size >= MAX_ENTRIES || hour.characters >= MAX_CHARACTERS) return null
    const used = noCoordinates()
    hour.characters += operation.document.length + addCoordinates(used, operation.used)
    const entry = { operation, client, used, count: 0, errors: 0, firstSeen: 0, lastSeen: 0 }
    hour.entries.set(key, entry)
    return entry
  }

  return {
    record(operation, { client, variables, hasErrors }) {
      const now = clock.now()
      beginHourIfDue(now)
      const entry = entryOf(operation, client)
      if (!entry) {
        hour.unrecorded += 1
        missing.inc()
        return
      }
      if (entry.count === 0) entry.firstSeen = now
      entry.lastSeen = now
      entry.count += 1
      if (hasErrors) entry.errors += 1
      operation.ofVariables?.(variables, entry.used)
    },
    *take() {
      beginHourIfDue(clock.now())
      for (const one of [...past.splice(0), hour]) yield* recordsOf(one)
    },
  }
}

function newHour(number: number): Hour {
  return { number, entries: new Map(), characters: 0, unrecorded: 0 }
}

function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS)
}

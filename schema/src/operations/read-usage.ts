import { isDeepStrictEqual } from 'node:util'
import { type UsageRecord, usageRecordSchema } from '@bulkhead/gateway/usage/usage-record'
import { parseJson } from '@bulkhead/service/json'
import { describeIssue } from '../inputs/located-value.ts'
import type { Problem } from '../model/cannot-check.ts'
import { printLocation, type SourceFile, type SourceLocation } from '../model/source.ts'

const DAY_MS = 86_400_000
/** A weekend and a day. With a longer gap in the records nobody knows what was sent then. */
const MAX_SILENT_DAYS = 3
/** A file that is no usage at all is wrong in every line. */
const MAX_PROBLEMS_PER_FILE = 10
/** How every record begins: a line that is no JSON but begins so was cut off when its writer was killed. */
const RECORD_STARTS = ['{"type":"operation","replica":"', '{"type":"unrecorded","replica":"']

/** What one operation was recorded as, in the whole window. */
export type RecordedOperation = {
  readonly signature: string
  readonly name: string | null
  /** Normalized; null where it was too long. */
  document: string | null
  /** Of the record that the document is from. */
  location: SourceLocation
  count: number
  lastSeen: string
  readonly clients: Set<string>
}

export type UsageOfWindow = {
  /** By signature. */
  readonly operations: ReadonlyMap<string, RecordedOperation>
  readonly requests: number
  /** Requests that no record describes. */
  readonly unrecorded: number
  /** null without records within the window. */
  readonly hours: { readonly from: string; readonly to: string } | null
  /** A stretch of days without a record that is longer than usual; null where there is none. */
  readonly gap: { readonly from: string; readonly to: string } | null
  /** Where a record was cut off that is not there a second time: nobody knows what it counted. */
  readonly lost: readonly SourceLocation[]
  /** Of operations whose document was too long: see `RecordedUsage.coordinates`. */
  readonly coordinates: ReadonlyMap<string, number>
}

/**
 * Adds up what gateways have recorded.
 * @param options.today YYYY-MM-DD, UTC
 * @param problems gets what is wrong, line by line
 */
export function readUsage(
  files: readonly SourceFile[],
  options: { readonly today: string; readonly windowDays: number },
  problems: Problem[],
): UsageOfWindow {
  const { today, windowDays } = options
  const firstDay = dayBefore(today, windowDays)
  const operations = new Map<string, RecordedOperation>()
  const coordinates = new Map<string, number>()
  const hours = new Set<string>()
  // Lines, not records: there may be millions.
  const seen = new Map<string, Line>()
  const torn: Torn[] = []
  let [requests, unrecorded] = [0, 0]

  for (const file of files) {
    for (const found of recordsOf(file, today, problems)) {
      if (found.type === 'torn') {
        if (found.hour === null || dayOf(found.hour) >= firstDay) torn.push(found)
        continue
      }
      const { record, text, location } = found
      const identity = identityOf(record)
      const before = seen.get(identity)
      if (before !== undefined) {
        refuseUnlessSame(before, found, problems)
        continue
      }
      seen.set(identity, { text, location })
      if (dayOf(record.hour) < firstDay) continue
      hours.add(record.hour)
      requests += record.count
      if (record.type === 'unrecorded') unrecorded += record.count
      else add(record, location, { operations, coordinates, problems })
    }
  }
  const sorted = [...hours].toSorted()
  return {
    operations,
    requests,
    unrecorded,
    hours: sorted.length === 0 ? null : { from: sorted.at(0) ?? '', to: sorted.at(-1) ?? '' },
    gap: firstGap(new Set(sorted.map(dayOf)), firstDay, today),
    lost: torn
      .filter(({ identity }) => identity === null || !seen.has(identity))
      .map(({ location }) => location),
    coordinates,
  }
}

type Line = { readonly text: string; readonly location: SourceLocation }
type Found = Line & { readonly type: 'record'; readonly record: UsageRecord }
type Torn = {
  readonly type: 'torn'
  /** null where it was cut off before its number. */
  readonly identity: string | null
  /** null where it was cut off before. */
  readonly hour: string | null
  readonly location: SourceLocation
}

function identityOf({ replica, sequence }: Pick<UsageRecord, 'replica' | 'sequence'>): string {
  return `${replica}\n${sequence}`
}

/** After a write that failed a record is written again, as it was. */
function refuseUnlessSame(before: Line, { text, location }: Line, problems: Problem[]): void {
  if (before.text === text || isDeepStrictEqual(parseJson(before.text), parseJson(text))) return
  problems.push({
    location,
    message: `The record has the replica and sequence of another one, at ${printLocation(before.location)}`,
    expected: 'a number of its own for each record of a replica',
  })
}

type OperationRecord = Extract<UsageRecord, { readonly type: 'operation' }>

function add(
  record: OperationRecord,
  location: SourceLocation,
  to: {
    readonly operations: Map<string, RecordedOperation>
    readonly coordinates: Map<string, number>
    readonly problems: Problem[]
  },
): void {
  const { operations, coordinates, problems } = to
  const { signature, operationName, document, client, count, lastSeen } = record
  const known = operations.get(signature)
  const operation = known ?? {
    signature,
    name: operationName,
    document,
    location,
    count: 0,
    lastSeen,
    clients: new Set<string>(),
  }
  operations.set(signature, operation)
  if (operation.document === null) {
    operation.document = document
    operation.location = location
  } else if (document !== null && document !== operation.document) {
    problems.push({
      location,
      message: `The record has the signature of another document, at ${printLocation(operation.location)}`,
      expected: 'in `signature` the SHA-256 of `document`',
    })
  }
  operation.count += count
  if (lastSeen > operation.lastSeen) operation.lastSeen = lastSeen
  const name = client.name ?? 'unknown'
  operation.clients.add(client.version === null ? name : `${name}@${client.version}`)
  // A normalized document has lost its literals, and never had its variables.
  const lost = [record.inputFields, record.enumValues]
  if (document === null) lost.push(record.fields, record.arguments)
  for (const coordinate of lost.flat())
    coordinates.set(coordinate, (coordinates.get(coordinate) ?? 0) + count)
}

function* recordsOf(file: SourceFile, today: string, problems: Problem[]): Generator<Found | Torn> {
  let [line, start, wrong] = [0, 0, 0]
  while (start < file.text.length && wrong < MAX_PROBLEMS_PER_FILE) {
    const end = file.text.indexOf('\n', start)
    const text = file.text.slice(start, end === -1 ? undefined : end).trim()
    start = end === -1 ? file.text.length : end + 1
    line += 1
    if (text === '') continue
    const value = parseJson(text)
    const location = { file: file.path, line, column: 1 }
    if (value === undefined && isTorn(text)) {
      yield { type: 'torn', identity: identityOfTorn(text), hour: hourOfTorn(text), location }
      continue
    }
    const problem = (message: string, expected: string) => {
      wrong += 1
      problems.push({ location, message, expected })
    }
    const record = usageRecordSchema.safeParse(value, { reportInput: true })
    if (value === undefined) {
      problem('The line is not JSON', 'a usage record, as docs/usage-record.schema.json says')
    } else if (!record.success) {
      const [issue] = record.error.issues
      if (issue === undefined) continue
      const { message, expected } = describeIssue(issue, 'The line')
      problem(message, `${expected}, as docs/usage-record.schema.json says`)
    } else if (dayOf(record.data.hour) > today) {
      problem(
        `The record is of ${record.data.hour}, which is after ${today}`,
        'usage up to the day of the check',
      )
    } else yield { type: 'record', record: record.data, text, location }
  }
}

function isTorn(text: string): boolean {
  return RECORD_STARTS.some((start) => text.startsWith(start) || start.startsWith(text))
}

function identityOfTorn(text: string): string | null {
  const [, replica, sequence] =
    /^\{"type":"\w+","replica":("(?:[^"\\]|\\.)*"),"sequence":(\d+),/.exec(text) ?? []
  if (replica === undefined) return null
  const name = parseJson(replica)
  return typeof name === 'string' ? identityOf({ replica: name, sequence: Number(sequence) }) : null
}

/** It stands before everything that has texts of others in it. */
function hourOfTorn(text: string): string | null {
  return /"hour":"(\d{4}-\d\d-\d\dT[^"]*)"/.exec(text)?.[1] ?? null
}

/** The first stretch without records that is longer than usual. */
function firstGap(days: ReadonlySet<string>, firstDay: string, today: string) {
  let silent: string[] = []
  for (let day = firstDay; day <= today; day = dayBefore(day, -1)) {
    if (!days.has(day)) silent.push(day)
    else if (silent.length > MAX_SILENT_DAYS) break
    else silent = []
  }
  const [from] = silent
  return from === undefined || silent.length <= MAX_SILENT_DAYS ? null : { from, to: silent.at(-1) ?? from }
}

function dayOf(instant: string): string {
  return instant.slice(0, 'YYYY-MM-DD'.length)
}

/** @param day YYYY-MM-DD */
function dayBefore(day: string, days: number): string {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString())
}

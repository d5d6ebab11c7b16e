import { ingestEventSchema } from '@bulkhead/contracts'
import { type ErasedInstants, isErased } from '../domain/erasure.ts'
import type { StoredEvent } from '../domain/stored-event.ts'
import type { IncomingEvent, PositionedEvent } from './port.ts'

/**
 * How both datastores keep events: in blocks. A block is what one call of ingest stored of one kind, at most 500 events.
 * They have consecutive positions, and are written, positioned, read and erased together. Beside the blocks there is one
 * small row for each event id, which makes an event idempotent and answers for its exposure.
 */
export type EventBlock = {
  readonly kind: StoredEvent['kind']
  readonly producer: string
  readonly recordedAt: number
  /** The events, as `writeRows` wrote them. */
  readonly rows: string
  readonly count: number
}

/** The position of the first event, and the block. */
type PositionedBlock = Omit<EventBlock, 'count' | 'kind'> & { readonly first: number }

/**
 * Events that vouch for events before them. They get their position after every event that was acknowledged before they
 * were sent, so whoever reads up to a position reads all that a heartbeat below it vouches for.
 */
export const VOUCHING_KINDS: readonly StoredEvent['kind'][] = ['heartbeat', 'goodbye']

/** Fields whose values differ from event to event. All others are shared by many events of a block. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'eventId',
  'unit',
  'slateId',
  'itemId',
  'value',
  'occurredAt',
  'attributes',
])

/**
 * Says the key of each event. Events with the same key are stored in the same block. Neighbours mostly are, so a key is
 * only written where it changes.
 */
export function createBlockKeys(): (item: IncomingEvent) => string {
  let last: IncomingEvent | undefined
  let key = ''
  return (item) => {
    const { event, producer, recordedAt } = item
    if (
      last === undefined ||
      last.event.kind !== event.kind ||
      last.recordedAt !== recordedAt ||
      last.producer !== producer
    ) {
      key = `${event.kind} ${recordedAt} ${producer}`
      last = item
    }
    return key
  }
}

/** The blocks of one call, those that vouch last. Repeated ids must be gone. */
export function eventBlocks(incoming: readonly IncomingEvent[]): (EventBlock & { readonly key: string })[] {
  const groups = Map.groupBy(incoming, createBlockKeys())
  const blocks = [...groups].flatMap(([key, items]) => {
    const [first] = items
    if (first === undefined) return []
    const { event, producer, recordedAt } = first
    const rows = writeRows(items)
    return [{ key, kind: event.kind, producer, recordedAt, rows, count: items.length }]
  })
  return blocks.sort(
    (a, b) => Number(VOUCHING_KINDS.includes(a.kind)) - Number(VOUCHING_KINDS.includes(b.kind)),
  )
}

/** Without events whose id came before in the same list: the first one is kept. */
export function withoutRepeatedIds(incoming: readonly IncomingEvent[]): readonly IncomingEvent[] {
  const firsts = new Map<string, IncomingEvent>()
  for (const item of incoming) if (!firsts.has(item.event.eventId)) firsts.set(item.event.eventId, item)
  return firsts.size === incoming.length ? incoming : [...firsts.values()]
}

/** Stands for the value of an own field. */
const OWN = 0

/** What events have in common: the fields in their order, the value of each, or `OWN`. */
type Form = {
  readonly fields: readonly string[]
  readonly values: readonly unknown[]
  readonly isOwn: readonly boolean[]
  /** The own ones of the fields. */
  readonly own: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

function formOf(event: Fields): Form {
  const fields = Object.keys(event).filter((field) => event[field] !== undefined)
  const isOwn = fields.map((field) => OWN_FIELDS.has(field))
  const values = fields.map((field, at) => (isOwn[at] ? OWN : event[field]))
  return { fields, values, isOwn, own: fields.filter((_, at) => isOwn[at]) }
}

/** Makes no list of the fields, because ingest asks it of every event. */
function hasForm(event: Fields, { fields, values, isOwn }: Form): boolean {
  let at = 0
  for (const field in event) {
    const value = event[field]
    if (value === undefined) continue
    if (field !== fields[at] || (!isOwn[at] && value !== values[at])) return false
    at += 1
  }
  return at === fields.length
}

function writeForm({ fields, values }: Form): string {
  return JSON.stringify(Object.fromEntries(fields.map((field, at) => [field, values[at]])))
}

/**
 * JSON text `{ shared, attributes, rows }`. What events have in common is written once, as an event whose own fields are
 * 0; attributes are written once, so once a slate. A row is the index into `shared` and then its own fields in the order
 * that they have there: of the attributes their index, of `occurredAt` the milliseconds, of an exact value its digits.
 */
function writeRows(items: readonly Pick<IncomingEvent, 'event' | 'occurredAt'>[]): string {
  const forms: Form[] = []
  const attributes = new Map<string, number>()

  function indexOfAttributes(value: unknown): number | null {
    if (value === null) return null
    const text = JSON.stringify(value)
    const index = attributes.get(text) ?? attributes.size
    attributes.set(text, index)
    return index
  }

  const rows = items.map((item) => {
    const event: Fields = item.event
    // The last ones first, because events that follow each other are alike.
    let index = forms.findLastIndex((known) => hasForm(event, known))
    const form = forms[index] ?? formOf(event)
    if (index === -1) index = forms.push(form) - 1
    const row: unknown[] = [index]
    for (const field of form.own) {
      const value = event[field]
      if (field === 'occurredAt') row.push(item.occurredAt)
      else if (field === 'attributes') row.push(indexOfAttributes(value))
      else row.push(typeof value === 'bigint' ? String(value) : value)
    }
    return row
  })
  return `{"shared":[${forms.map(writeForm).join(',')}],"attributes":[${[...attributes.keys()].join(',')}],"rows":${JSON.stringify(rows)}}`
}

type StoredRows = {
  readonly shared: readonly Readonly<Record<string, unknown>>[]
  readonly attributes: readonly unknown[]
  readonly rows: readonly StoredRow[]
}

/** An event, or what is left of one whose unit was erased: its id. */
type StoredRow = readonly [form: number, ...own: unknown[]] | readonly [eventId: string]

function isEmpty(row: StoredRow): row is readonly [eventId: string] {
  return typeof row[0] === 'string'
}

/** The names of the own fields, in the order in which a row has them; for each form. */
function ownFields({ shared }: StoredRows): string[][] {
  return shared.map((common) => Object.keys(common).filter((field) => OWN_FIELDS.has(field)))
}

/** Null for an event that is erased. */
function readRows(text: string): (StoredEvent | null)[] {
  const stored: StoredRows = JSON.parse(text)
  const { shared, attributes, rows } = stored
  const fields = ownFields(stored)
  const checked = new Set<unknown>()
  return rows.map((row) => {
    if (isEmpty(row)) return null
    const [index] = row
    const event: Record<string, unknown> = { ...shared[Number(index)] }
    fields[Number(index)]?.forEach((field, at) => {
      const value = row[at + 1]
      if (field === 'occurredAt') event[field] = new Date(Number(value)).toISOString()
      else if (field === 'attributes' && value !== null) event[field] = attributes[Number(value)]
      else if (field === 'value' && value !== null) event[field] = BigInt(String(value))
      else event[field] = value
    })
    // The first of those that share their form, because a check costs more than all the rest.
    if (!checked.has(index)) {
      const { error } = ingestEventSchema.safeParse('value' in event ? { ...event, value: null } : event)
      if (error !== undefined) throw new Error(`a stored event cannot be read: ${error.message}`)
      checked.add(index)
    }
    return event as StoredEvent
  })
}

/** The events of a block with `after < position <= upTo`. */
export function readBlock(
  { first, producer, recordedAt, rows }: PositionedBlock,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): PositionedEvent[] {
  return readRows(rows).flatMap((event, index) => {
    const position = first + index
    return event === null || position <= after || position > upTo
      ? []
      : [{ event, producer, recordedAt, position }]
  })
}

/** The ids in a block, also those of erased events. */
export function eventIdsOf(text: string): string[] {
  const stored: StoredRows = JSON.parse(text)
  const places = ownFields(stored).map((fields) => fields.indexOf('eventId') + 1)
  return stored.rows.map((row) => (isEmpty(row) ? row[0] : String(row[places[row[0]] ?? 0])))
}

/** The block without some of its events; none where none is left. */
export function withoutEvents(block: EventBlock, eventIds: ReadonlySet<string>): EventBlock[] {
  const stored: StoredRows = JSON.parse(block.rows)
  const ids = eventIdsOf(block.rows)
  const rows = stored.rows.filter((_, index) => !eventIds.has(ids[index] ?? ''))
  if (rows.length === 0) return []
  return [{ ...block, count: rows.length, rows: JSON.stringify({ ...stored, rows }) }]
}

/** The kinds whose events are about a unit. */
export const UNIT_KINDS: readonly StoredEvent['kind'][] = ['exposure', 'served', 'interaction']

/** Text that a block with an event of the unit holds. Other blocks may hold it, too. */
export function textOfUnit(unit: string): string {
  return JSON.stringify(unit)
}

/**
 * The rows without the events of erased units. Each leaves an empty row with its id, so all other events keep their
 * positions. Attributes go with the last event that has them.
 */
export function eraseRows(
  text: string,
  erased: ErasedInstants,
): { readonly rows: string; readonly count: number } {
  const stored: StoredRows = JSON.parse(text)
  const places = ownFields(stored).map((fields) => ({
    eventId: fields.indexOf('eventId') + 1,
    unit: fields.indexOf('unit') + 1,
    occurredAt: fields.indexOf('occurredAt') + 1,
    attributes: fields.indexOf('attributes') + 1,
  }))
  const used = new Set<unknown>()
  let count = 0
  const rows = stored.rows.map((row): StoredRow => {
    if (isEmpty(row)) return row
    const place = places[row[0]]
    if (place === undefined) throw new Error('a stored event has no form')
    if (place.unit > 0 && isErased(String(row[place.unit]), Number(row[place.occurredAt]), erased)) {
      count += 1
      return [String(row[place.eventId])]
    }
    if (place.attributes > 0) used.add(row[place.attributes])
    return row
  })
  const attributes = stored.attributes.map((value, index) => (used.has(index) ? value : null))
  return { rows: JSON.stringify({ ...stored, attributes, rows }), count }
}

/** How many erased events a block has with positions up to `upTo`. */
export function countErased({ first, rows }: Pick<PositionedBlock, 'first' | 'rows'>, upTo: number): number {
  const stored: StoredRows = JSON.parse(rows)
  return stored.rows.filter((row, index) => isEmpty(row) && first + index <= upTo).length
}

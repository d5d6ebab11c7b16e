import { ingestEventSchema } from '@bulkhead/contracts'
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

/** Events with the same key are stored in the same block. */
export function blockKey({ event, producer, recordedAt }: IncomingEvent): string {
  return JSON.stringify([event.kind, producer, recordedAt])
}

/** The blocks of one call, those that vouch last. Repeated ids must be gone. */
export function eventBlocks(incoming: readonly IncomingEvent[]): (EventBlock & { readonly key: string })[] {
  const groups = new Map<string, IncomingEvent[]>()
  for (const item of incoming) {
    const key = blockKey(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  const blocks = [...groups].flatMap(([key, items]) => {
    const [first] = items
    if (first === undefined) return []
    const { event, producer, recordedAt } = first
    const rows = writeRows(items.map((item) => item.event))
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
type Form = { readonly fields: readonly string[]; readonly values: readonly unknown[] }

function hasForm(event: Readonly<Record<string, unknown>>, fields: readonly string[], form: Form): boolean {
  return (
    form.fields.length === fields.length &&
    fields.every(
      (field, at) => field === form.fields[at] && (OWN_FIELDS.has(field) || event[field] === form.values[at]),
    )
  )
}

function writeForm({ fields, values }: Form): string {
  return JSON.stringify(Object.fromEntries(fields.map((field, at) => [field, values[at]])))
}

/**
 * JSON text `{ shared, attributes, rows }`. What events have in common is written once, as an event whose own fields are
 * 0; attributes are written once, so once a slate. A row is the index into `shared` and then its own fields in the order
 * that they have there: of the attributes their index, of `occurredAt` the milliseconds, of an exact value its digits.
 */
function writeRows(events: readonly StoredEvent[]): string {
  const forms: Form[] = []
  const attributes = new Map<string, number>()

  function indexOfAttributes(value: unknown): number | null {
    if (value === null) return null
    const text = JSON.stringify(value)
    const index = attributes.get(text) ?? attributes.size
    attributes.set(text, index)
    return index
  }

  const rows = events.map((typed) => {
    const event: Readonly<Record<string, unknown>> = typed
    const fields = Object.keys(event).filter((field) => event[field] !== undefined)
    // The last ones first, because events that follow each other are alike.
    let index = forms.findLastIndex((form) => hasForm(event, fields, form))
    if (index === -1) {
      index = forms.length
      forms.push({ fields, values: fields.map((field) => (OWN_FIELDS.has(field) ? OWN : event[field])) })
    }
    const row: unknown[] = [index]
    for (const field of fields) {
      if (!OWN_FIELDS.has(field)) continue
      const value = event[field]
      if (field === 'occurredAt') row.push(Date.parse(typed.occurredAt))
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
  readonly rows: readonly (readonly unknown[])[]
}

function readRows(text: string): StoredEvent[] {
  const { shared, attributes, rows }: StoredRows = JSON.parse(text)
  const fields = shared.map((common) => Object.keys(common).filter((field) => OWN_FIELDS.has(field)))
  const checked = new Set<unknown>()
  return rows.map((row) => {
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
  return readRows(rows)
    .map((event, index) => ({ event, producer, recordedAt, position: first + index }))
    .filter(({ position }) => position > after && position <= upTo)
}

/** The ids in a block. */
export function eventIdsOf(rows: string): string[] {
  return readRows(rows).map(({ eventId }) => eventId)
}

/** The block without some of its events; none where none is left. */
export function withoutEvents(block: EventBlock, eventIds: ReadonlySet<string>): EventBlock[] {
  const stored: StoredRows = JSON.parse(block.rows)
  const ids = eventIdsOf(block.rows)
  const rows = stored.rows.filter((_, index) => !eventIds.has(ids[index] ?? ''))
  if (rows.length === 0) return []
  return [{ ...block, count: rows.length, rows: JSON.stringify({ ...stored, rows }) }]
}

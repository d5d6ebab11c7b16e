import type { PositionedEvent } from '../datastore/port.ts'
import { exposureTime } from '../domain/counting.ts'
import type { TableName } from './schema.ts'

/** A value of a column, in the form in which DuckDB takes it. */
export type Cell = string | bigint | boolean | null
type Row = { readonly table: Exclude<TableName, 'attributes'>; readonly cells: readonly Cell[] }

/**
 * The row of an event, in the order of the table's columns; null for an event that no sum depends on.
 * @param attributesId the dictionary's id of attributes
 */
export function eventRow(
  { event, recordedAt, position }: PositionedEvent,
  attributesId: (attributes: unknown) => bigint,
): Row | null {
  if (event.kind === 'exposure' || event.kind === 'served') {
    const cells = [
      BigInt(position),
      event.experimentKey,
      BigInt(event.experimentVersion),
      event.variantKey,
      event.unit,
      BigInt(exposureTime(event, recordedAt)),
      BigInt(Date.parse(event.occurredAt)),
      event.forced,
    ]
    if (event.kind === 'served') return { table: 'served', cells }
    return { table: 'exposures', cells: [...cells, event.applied, attributesId(event.attributes)] }
  }
  if (event.kind !== 'interaction') return null
  const at = BigInt(Date.parse(event.occurredAt))
  return {
    table: 'interactions',
    cells: [BigInt(position), event.type, event.unit, at, event.value, attributesId(event.attributes)],
  }
}

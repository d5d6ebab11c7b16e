import { type ErasedInstants, isErased } from '../domain/erasure.ts'

/**
 * The bodies of refused events: JSON text that may be cut, of anything that was sent. A body is of a unit where it names it
 * as `unit`, at any depth.
 */
const UNIT = /"unit":("(?:[^"\\]|\\.)*")/g

/** Text that every body of the unit holds. */
export function textOfUnitBody(unit: string): string {
  return `"unit":${JSON.stringify(unit)}`
}

/** The units that a body names. */
export function unitsOfBody(body: string): string[] {
  return [...body.matchAll(UNIT)].map(([, text = '""']) => String(JSON.parse(text)))
}

/** Whether a body has to go. One whose time cannot be read goes, whenever it came. */
export function isErasedBody(body: string, erased: ErasedInstants): boolean {
  const occurredAt = readOccurredAt(body)
  return unitsOfBody(body).some((unit) => isErased(unit, occurredAt, erased))
}

function readOccurredAt(body: string): number {
  try {
    const occurredAt = Date.parse(JSON.parse(body).occurredAt)
    return Number.isNaN(occurredAt) ? Number.NEGATIVE_INFINITY : occurredAt
  } catch {
    return Number.NEGATIVE_INFINITY
  }
}

import { createHash } from 'node:crypto'

/** The instants up to which units are erased, epoch milliseconds, by unit. */
export type ErasedInstants = ReadonlyMap<string, number>

/**
 * How an erased unit is remembered, so that what arrives late is recognised: SHA-256, base64url. Whoever has a list of all
 * units can still find it out, so it is not kept longer than it is needed.
 */
export function unitHash(unit: string): string {
  return createHash('sha256').update(unit, 'utf8').digest('base64url')
}

/** What happens after the instant belongs to a new user of the same name. */
export function isErased(unit: string, occurredAt: number, erased: ErasedInstants): boolean {
  const instant = erased.get(unit)
  return instant !== undefined && occurredAt <= instant
}

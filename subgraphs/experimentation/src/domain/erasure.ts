import { hash } from 'node:crypto'

/** The instants up to which units are erased, epoch milliseconds, by unit. */
export type ErasedInstants = ReadonlyMap<string, number>

/**
 * How an erased unit is remembered, so that what arrives late is recognised: SHA-256, base64url. Whoever has a list of all
 * units can still find it out, so it is not kept longer than it is needed.
 */
export function unitHash(unit: string): string {
  return hash('sha256', unit, 'base64url')
}

/** What happens after the instant belongs to a new user of the same name. */
export function isErased(unit: string, occurredAt: number, erased: ErasedInstants): boolean {
  const instant = erased.get(unit)
  return instant !== undefined && occurredAt <= instant
}

/** Where an erasure has got to. Places are gone through in this order. */
export type ErasureProgress =
  /** All up to `after`, as the store calls it, are done. */
  | { readonly place: 'events' | 'rejections'; readonly after: string | null }
  /** When exposures are counted through `head`, no step of counting that began before can bring the unit back. */
  | { readonly place: 'counts'; readonly head: number }

/** A unit that has to be erased: everything about it that occurred up to an instant. */
export type UnitErasure = {
  readonly unit: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly recordedAt: number
  readonly progress: ErasureProgress
}

/** A step of going through one place. */
export type ErasureScan = {
  readonly place: 'events' | 'rejections'
  readonly erasures: readonly UnitErasure[]
  readonly after: string | null
  /** Of the blocks of events, or rejections, that are looked at. */
  readonly limit: number
}

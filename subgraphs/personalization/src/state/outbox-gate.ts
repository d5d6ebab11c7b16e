import type { OutboxState } from '../datastore/port.ts'

/**
 * Bounds the durable outbox without asking the datastore on the request path: its size is the last measurement plus
 * what this replica has added since. Ten replicas together can overshoot the limit by what the other nine add between
 * two measurements.
 */
export type OutboxGate = {
  /** With a full outbox nothing may be served that would have to be recorded. */
  isFull(): boolean
  /** So many entries became durable. */
  added(entries: number): void
  /** Measures; what is added while the measurement runs stays counted, and for a moment may be counted twice. */
  measure(read: () => Promise<OutboxState>): Promise<OutboxState>
  /** Entries believed to be waiting. */
  size(): number
}

/** @param options.limit entries at which the gate closes */
export function createOutboxGate(options: { readonly limit: number }): OutboxGate {
  let measuredSize = 0
  let addedSince = 0
  const size = () => measuredSize + addedSince
  return {
    isFull: () => size() >= options.limit,
    added(entries) {
      addedSince += entries
    },
    async measure(read) {
      const addedBefore = addedSince
      const state = await read()
      measuredSize = state.size
      addedSince = Math.max(0, addedSince - addedBefore)
      return state
    },
    size,
  }
}

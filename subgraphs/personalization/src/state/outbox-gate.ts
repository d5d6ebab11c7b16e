import type { OutboxState } from '../datastore/port.ts'

/**
 * Bounds the durable outbox without asking the datastore on the request path: its size is the last measurement plus
 * what this replica has added since. Ten replicas together can overshoot the limit by what the other nine add between
 * two measurements.
 */
export type OutboxGate = {
  /** Where true, nothing may be served that would have to be recorded. */
  isFull(): boolean
  /** This many more entries became durable. */
  added(entries: number): void
  /** Replaces the last measurement. What is added while `read` runs stays counted, and may be counted twice until the next. */
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

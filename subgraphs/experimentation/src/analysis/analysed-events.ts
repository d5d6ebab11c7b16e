import type { Deliveries } from '../domain/deliveries.ts'
import type { Sums } from '../read-model/port.ts'
import type { Look } from './looks.ts'

/** What the events up to `asOf` give. */
export type AnalysedEvents = {
  /** All units up to the cutoff; in a group sequential plan complete after the longest window. */
  readonly sums: Sums
  /** Of a group sequential plan, each look of `findLooks` with the sums up to its cutoff, the first one first; else empty. */
  readonly looks: readonly { readonly look: Look; readonly sums: Sums }[]
  /** For each attribute of `plan.segments`, in its order, the same sums as above, broken down by it. */
  readonly segments: readonly { readonly attribute: string; readonly sums: Sums }[]
  readonly deliveries: Deliveries
}

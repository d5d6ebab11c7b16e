import type { AssignmentSnapshot } from '@bulkhead/contracts'

/** The assignment snapshot that requests are evaluated against; in memory, so that no request waits for one. */
export type SnapshotHolder = {
  /** Null before the first. */
  current(): AssignmentSnapshot | null
  /** Takes a verified snapshot if its version is higher than the current one's; tells whether it did. */
  replace(snapshot: AssignmentSnapshot): boolean
  /** When experimentation last said that the held snapshot is the newest, epoch milliseconds; null before that. */
  confirmedAt(): number | null
  confirm(at: number): void
}

export function createSnapshotHolder(): SnapshotHolder {
  let held: AssignmentSnapshot | null = null
  let confirmed: number | null = null
  return {
    current: () => held,
    replace(snapshot) {
      if (held !== null && snapshot.version <= held.version) return false
      held = snapshot
      return true
    },
    confirmedAt: () => confirmed,
    confirm(at) {
      confirmed = at
    },
  }
}

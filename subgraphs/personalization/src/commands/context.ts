import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { TrainingService } from '../services/training-service.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What commands on an open datastore work with. Each returns the exit code of the process. */
export type CommandContext = {
  readonly store: PersonalizationStore
  readonly training: TrainingService
  readonly clock: Clock
  /** Results. */
  readonly out: Terminal
  /** Progress and notices. */
  readonly err: Terminal
}

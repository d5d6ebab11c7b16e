import type { LaterPart } from './later-part.ts'
import type { CannedSubgraph } from './subgraphs/canned.ts'

const DELAY_MS = 1_500

export type Fault = {
  readonly name: string
  /** What happens to experimentation, once the gateway is warm. */
  readonly inject: (experimentation: CannedSubgraph) => Promise<void>
  readonly laterPart: LaterPart
}

/** The others are compared with the first. */
export const FAULTS: readonly Fault[] = [
  { name: 'undelayed', inject: async () => undefined, laterPart: 'exposures' },
  {
    name: `delayed by ${DELAY_MS} ms`,
    inject: (experimentation) => experimentation.delay(DELAY_MS),
    laterPart: 'exposures',
  },
  { name: 'frozen', inject: async ({ process }) => process.freeze(), laterPart: 'error' },
  { name: 'killed', inject: ({ process }) => process.kill(), laterPart: 'error' },
]

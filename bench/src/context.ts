import type { Config } from './config.ts'

/** What every bench is given by the command line. */
export type BenchContext = {
  readonly config: Config
  /** Whatever a bench starts ends with these. */
  readonly resources: AsyncDisposableStack
  /** The results. */
  readonly write: (line: string) => void
  readonly progress: (line: string) => void
}

import type { Expectation, Finding } from './judgement.ts'

/** One row of the table. `run` simulates so many experiments from a generator. */
export type Check = {
  readonly name: string
  /** The data, and how many units. */
  readonly about: string
  readonly expectation: Expectation
  /** A mistake on purpose, which must not pass. */
  readonly planted?: true
  run(experiments: number, random: () => number): Finding
}

/** What the bench asks of a process that evaluates. */
export type Turn = { readonly ms: number }

export type TurnResult = {
  /** Of one rule for one user. */
  readonly evaluations: number
  readonly elapsedMs: number
  /** User and system time of the whole process, its garbage collector included. */
  readonly cpuMs: number
}

/** Sent once at the start. */
export type Ready = {
  /** A hash of every answer for every user. */
  readonly digest: string
  /** The share of answers that are a variant. */
  readonly included: number
}

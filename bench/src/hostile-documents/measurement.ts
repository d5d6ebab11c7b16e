/** What a request may take. */
export const MAX_CPU_MS = 50

/** What the process that is measured sends at its end. */
export type HostileResults = {
  readonly kinds: readonly KindResult[]
  /** Bytes of live objects and of the process, halfway and at the end. */
  readonly memory: readonly { readonly heap: number; readonly resident: number }[]
}

export type KindResult = {
  readonly kind: string
  readonly requests: number
  /** CPU time of the most expensive request, in milliseconds. */
  readonly worstMs: number
  /** Code, or status where there was none, of that request. */
  readonly worstCode: string
  /** Bytes of its body. */
  readonly worstBytes: number
  /** How often each code came. */
  readonly codes: Readonly<Record<string, number>>
  /** Requests without an answer of the gateway's own. */
  readonly crashes: number
}

export type HostileOptions = { readonly requests: number; readonly seed: number }

/** How events reach a store. All three are made from the same numbers, so they are the same. */
export type Order = {
  readonly way:
    | { readonly type: 'ingest'; readonly url: string; readonly token: string }
    | { readonly type: 'insertMany'; readonly url: string; readonly collection: string }
    | { readonly type: 'transaction'; readonly path: string }
  /** The number of the first event. */
  readonly from: number
  readonly batches: number
  /** Batches under way at a time. */
  readonly senders: number
  /** Made before the clock starts, or each when it is sent: many would not fit into memory. */
  readonly prepared: boolean
}

export type Outcome = {
  readonly elapsedMs: number
  /** By `Date.now()`, to compare with the clock of another process. */
  readonly startedAt: number
  /** Answers 429 and 503; each batch was sent again after the time that the answer asked for. */
  readonly refused: number
  /** The first answer that was none of these and not a complete acceptance. */
  readonly failure: string | null
}

/** The limit of EventBatch v1. */
export const BATCH = 500

/** Puts one batch into the store; resolves when it is durable. */
export type Put<Prepared> = {
  prepare(from: number): Prepared
  put(batch: Prepared): Promise<void>
  /** Where `put` does not. */
  commit?(): Promise<void>
  end(): Promise<void>
}

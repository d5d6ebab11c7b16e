/** A sum of this metric has more than 38 digits, so it cannot be told exactly on every engine. */
export class SumOverflowError extends Error {
  override readonly name = 'SumOverflowError'
  readonly code = 'SUM_OVERFLOW'

  constructor(metric: { readonly key: string; readonly version: number }) {
    super(`a sum of metric ${metric.key}, version ${metric.version}, has more than 38 digits: cap its values`)
  }
}

/** Events between what is in the read model and the page are missing. */
export class ReadModelGapError extends Error {
  override readonly name = 'ReadModelGapError'
  readonly code = 'READ_MODEL_GAP'
}

/** The read model does not hold all events up to the position yet; it will once it has followed the log so far. */
export class ReadModelBehindError extends Error {
  override readonly name = 'ReadModelBehindError'
  readonly code = 'READ_MODEL_BEHIND'
  readonly retryable = true
}

/** Another process, or another part of this one, has the file open. */
export class ReadModelLockedError extends Error {
  override readonly name = 'ReadModelLockedError'
  readonly code = 'READ_MODEL_LOCKED'
}

/** A part of the file cannot be read. It is deleted when the read model is closed, and the next one begins anew. */
export class ReadModelDamagedError extends Error {
  override readonly name = 'ReadModelDamagedError'
  readonly code = 'READ_MODEL_DAMAGED'
}

/** The read model holds events that the log does not have: it was made from another log. `discard` it. */
export class ReadModelAheadError extends Error {
  override readonly name = 'ReadModelAheadError'
  readonly code = 'READ_MODEL_AHEAD'
}

/** Retention has erased events that the query needs, and the read model was made afterwards. */
export class EventsErasedError extends Error {
  override readonly name = 'EventsErasedError'
  readonly code = 'EVENTS_ERASED'
}

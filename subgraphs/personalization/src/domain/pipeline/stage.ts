/** A step of the serving pipeline. A stage that fails costs the slate what the stage would have added, nothing more. */
export type Stage<Query, Input, Output> = {
  /** As metrics and logs name it. */
  readonly name: string
  enabled(query: Query): boolean
  run(query: Query, input: Input): Output | Promise<Output>
  /** Stands in for the output where the stage is not enabled, or fails. */
  without(input: Input, query: Query): Output
}

/** Gives stages their clock, and is told how each of them ended. */
export type StageObserver = {
  /** Milliseconds on any monotonic clock. */
  now(): number
  ended(stage: string, elapsedMs: number): void
  failed(stage: string, error: unknown): void
}

export type StageResult<Output> =
  | { readonly output: Output; readonly status: 'ran' | 'skipped' }
  | { readonly output: Output; readonly status: 'failed'; readonly error: unknown }

/** The only place that decides what happens when a stage fails. Never rejects. */
export async function runStage<Query, Input, Output>(
  stage: Stage<Query, Input, Output>,
  query: Query,
  input: Input,
  observer: StageObserver,
): Promise<StageResult<Output>> {
  if (!stage.enabled(query)) return { output: stage.without(input, query), status: 'skipped' }
  const start = observer.now()
  try {
    return { output: await stage.run(query, input), status: 'ran' }
  } catch (error) {
    observer.failed(stage.name, error)
    return { output: stage.without(input, query), status: 'failed', error }
  } finally {
    observer.ended(stage.name, observer.now() - start)
  }
}

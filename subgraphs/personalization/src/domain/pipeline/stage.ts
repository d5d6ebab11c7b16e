/**
 * A step of the serving pipeline. Every stage fails open: what it could not do costs its own contribution, never the
 * slate.
 */
export type Stage<Query, Input, Output> = {
  /** As metrics and logs name it. */
  readonly name: string
  enabled(query: Query): boolean
  run(query: Query, input: Input): Output | Promise<Output>
  /** What takes the output's place when the stage is not enabled, or fails. */
  without(input: Input): Output
}

/** Gives stages their clock, and hears how they went. */
export type StageObserver = {
  /** Milliseconds on any monotonic clock. */
  now(): number
  ended(stage: string, elapsedMs: number): void
  failed(stage: string, error: unknown): void
}

export type StageResult<Output> = {
  readonly output: Output
  readonly status: 'ran' | 'skipped' | 'failed'
}

/** The one place where the fail-open policy stands. Never rejects. */
export async function runStage<Query, Input, Output>(
  stage: Stage<Query, Input, Output>,
  query: Query,
  input: Input,
  observer: StageObserver,
): Promise<StageResult<Output>> {
  if (!stage.enabled(query)) return { output: stage.without(input), status: 'skipped' }
  const start = observer.now()
  try {
    return { output: await stage.run(query, input), status: 'ran' }
  } catch (error) {
    observer.failed(stage.name, error)
    return { output: stage.without(input), status: 'failed' }
  } finally {
    observer.ended(stage.name, observer.now() - start)
  }
}

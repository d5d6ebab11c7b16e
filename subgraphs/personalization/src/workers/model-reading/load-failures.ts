/** More than any replica loads. With more than this all are forgotten, and tried again. */
const MAX_VERSIONS = 100
/** The longest pause, in runs of the model loader: 16 s at the default MODEL_REFRESH_MS. */
const MAX_PAUSED_RUNS = 63

/** Which versions could not be loaded, and whether another try is worth its megabytes. */
export type LoadFailures = {
  /** What was wrong the last time, where the version is not to be tried in this run; null where it is. Call it once a run. */
  reasonNotToTry(id: string): string | null
  /** The artefact is broken. Versions never change, so this is final. @returns the problem */
  broken(id: string, problem: string): string
  /**
   * Something else went wrong, which may pass: the next run tries again, then the second after that, and so on with
   * pauses of 1, 3, 7 and at most `MAX_PAUSED_RUNS` runs. @returns the problem
   */
  failed(id: string, problem: string): string
  loaded(id: string): void
}

export function createLoadFailures(): LoadFailures {
  const known = new Map<string, { problem: string; failures: number; pausedRuns: number }>()

  function remember(id: string, problem: string, failures: number, pausedRuns: number): string {
    if (known.size >= MAX_VERSIONS && !known.has(id)) known.clear()
    known.set(id, { problem, failures, pausedRuns })
    return problem
  }

  return {
    reasonNotToTry(id) {
      const failure = known.get(id)
      if (failure === undefined || failure.pausedRuns === 0) return null
      failure.pausedRuns--
      return failure.problem
    },
    broken: (id, problem) => remember(id, problem, 0, Number.POSITIVE_INFINITY),
    failed(id, problem) {
      const failures = (known.get(id)?.failures ?? 0) + 1
      return remember(id, problem, failures, Math.min(MAX_PAUSED_RUNS, 2 ** (failures - 1) - 1))
    },
    loaded(id) {
      known.delete(id)
    },
  }
}

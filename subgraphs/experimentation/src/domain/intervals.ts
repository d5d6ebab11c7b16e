import type { Experiment } from './experiment.ts'

/** A time in which an experiment included units, under one version: `from <= instant < to`, epoch milliseconds. */
export type RunInterval = {
  readonly version: number
  readonly from: number
  /** Null while it goes on. */
  readonly to: number | null
}

type Recorded = Pick<Experiment, 'startedAt' | 'version' | 'versions' | 'history'>

/**
 * When the experiment ran, oldest first and never two at a time: from each start, resume or new version to the next
 * pause, stop or new version. A function of what is recorded on the experiment, so it does not depend on when events
 * arrive.
 */
export function runIntervals(experiment: Recorded): readonly RunInterval[] {
  return statusIntervals(experiment).flatMap(({ from, to }) => splitByVersion(experiment, from, to))
}

/** Whether the experiment included units at that instant. */
export function isRunningAt(experiment: Recorded, instant: number): boolean {
  return statusIntervals(experiment).some((interval) => holds(interval, instant))
}

/**
 * The version that was assigned at that instant, also while it was paused or after its stop; null before the start.
 */
export function versionAt(experiment: Recorded, instant: number): number | null {
  const versions = versionStarts(experiment).filter(({ since }) => since <= instant)
  return versions.at(-1)?.version ?? null
}

function holds(
  { from, to }: { readonly from: number; readonly to: number | null },
  instant: number,
): boolean {
  return from <= instant && (to === null || instant < to)
}

function statusIntervals({ history }: Recorded): readonly Omit<RunInterval, 'version'>[] {
  const intervals: { from: number; to: number | null }[] = []
  for (const change of history) {
    const open = intervals.at(-1)
    if (change.from === 'RUNNING' && open?.to === null) open.to = change.at
    if (change.to === 'RUNNING') intervals.push({ from: change.at, to: null })
  }
  return intervals
}

function versionStarts({ versions, version, startedAt }: Recorded) {
  if (versions.length > 0 || startedAt === null) return versions
  return [{ version, since: startedAt }]
}

function splitByVersion(experiment: Recorded, from: number, to: number | null): readonly RunInterval[] {
  const first = versionAt(experiment, from) ?? experiment.version
  const later = versionStarts(experiment).filter(({ since }) => since > from && (to === null || since < to))
  const starts = [{ version: first, since: from }, ...later]
  return starts.map(({ version, since }, index) => ({
    version,
    from: since,
    to: starts[index + 1]?.since ?? to,
  }))
}

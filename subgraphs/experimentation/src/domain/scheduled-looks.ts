import type { Experiment } from './experiment.ts'

const DAY_MS = 86_400_000
/** How long what clients report may follow: a look is computed this long after its cutoff. */
export const SETTLE_MS = 600_000
/** Looks that were missed for longer are not made up for. */
export const MISSED_MS = 7 * DAY_MS

export type ScheduledLook = {
  readonly reason: 'daily' | 'planned' | 'stopped'
  /** Epoch milliseconds. */
  readonly cutoff: number
}

type Scheduled = Pick<Experiment, 'status' | 'startedAt' | 'stoppedAt' | 'plan'>

/**
 * The looks at an experiment that are due, earliest cutoff first: of a running one the newest midnight UTC and the newest
 * planned look, of a stopped one the end of its last windows. Each cutoff is a function of the experiment alone, so whoever
 * makes a look makes the same one.
 *
 * With an end, a plan has a look there, and a group-sequential one also at equal distances from the start to the end. The
 * looks at which a group-sequential plan tests are computed from the events and fall on midnights, so the daily look covers
 * them.
 * @param longestWindowMs of the experiment's metrics; used for stopped experiments only
 */
export function dueLooks(
  experiment: Scheduled,
  longestWindowMs: number,
  now: number,
): readonly ScheduledLook[] {
  const { status, startedAt, stoppedAt } = experiment
  if (startedAt === null) return []
  const looks: ScheduledLook[] = []
  if (status === 'RUNNING' || status === 'PAUSED') {
    const settled = now - SETTLE_MS
    looks.push({ reason: 'daily', cutoff: Math.floor(settled / DAY_MS) * DAY_MS })
    const planned = plannedLooks(experiment, startedAt).filter((cutoff) => cutoff <= settled)
    if (planned.length > 0) looks.push({ reason: 'planned', cutoff: Math.max(...planned) })
  }
  if (status === 'STOPPED' && stoppedAt !== null) {
    looks.push({ reason: 'stopped', cutoff: stoppedAt + longestWindowMs })
  }
  return looks
    .filter(({ cutoff }) => cutoff > startedAt && cutoff <= now - SETTLE_MS && cutoff > now - MISSED_MS)
    .filter(({ cutoff }, index, all) => all.findIndex((look) => look.cutoff === cutoff) === index)
    .toSorted((a, b) => a.cutoff - b.cutoff)
}

function plannedLooks({ plan }: Scheduled, startedAt: number): readonly number[] {
  const { method, looks, plannedEnd } = plan
  if (plannedEnd === null) return []
  if (method !== 'GROUP_SEQUENTIAL' || looks === null) return [plannedEnd]
  return Array.from({ length: looks }, (_, index) =>
    Math.round(startedAt + ((plannedEnd - startedAt) * (index + 1)) / looks),
  )
}

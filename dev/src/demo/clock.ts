import { hash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createClock, readOffset, setDevelopmentClock } from '@bulkhead/service/config/development-clock'
import type { Topology } from '../environment.ts'

const DAY_MS = 86_400_000
const FORTNIGHT_MS = 14 * DAY_MS

/** The time of the demo until its challenger has walked its path: ADR 0039. */
export type DemoClock = {
  readonly file: string
  now(): number
  /** Whether its time is that of the machine. */
  hasArrived(): boolean
  nextDay(): void
  /** From now on time is that of the machine, for good. */
  remove(): void
}

/** One for each pair of datastores, because time must not run back in any of them. */
function clockFile({ dataDir, mongodbUrl }: Pick<Topology, 'dataDir' | 'mongodbUrl'>): string {
  const suffix = mongodbUrl === null ? '' : `-${hash('sha256', mongodbUrl, 'hex').slice(0, 12)}`
  return resolve(join(dataDir, `demo-clock${suffix}`))
}

/** A fortnight ago, for datastores in which nothing is stored yet. */
export function beginFortnight(topology: Pick<Topology, 'dataDir' | 'mongodbUrl'>): void {
  setDevelopmentClock(clockFile(topology), -FORTNIGHT_MS)
}

/** Null where the demo has no time of its own (any more). */
export function findDemoClock(topology: Pick<Topology, 'dataDir' | 'mongodbUrl'>): DemoClock | null {
  const file = clockFile(topology)
  if (!existsSync(file)) return null
  return {
    file,
    now: () => createClock(file).now(),
    hasArrived: () => readOffset(file) >= 0,
    nextDay: () => setDevelopmentClock(file, Math.min(0, readOffset(file) + DAY_MS)),
    remove: () => rmSync(file, { force: true }),
  }
}

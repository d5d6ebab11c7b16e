import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openExperimentationStore } from '@bulkhead/experimentation/datastore/open'
import type { CountedExposure } from '@bulkhead/experimentation/datastore/port'
import { median } from '../harness/statistics.ts'
import { STARTED_AT } from './workload.ts'

const DAY_MS = 86_400_000
/** As the analyst counts them. */
const PER_STEP = 2_000
const READS = 200
const WARM_UP = 50

export type CountFigures = { readonly exposures: number; readonly readMs: number; readonly counted: number }

/** Counts exposures of as many units on SQLite, and reads the counts by variant and day at each of these numbers. */
export async function measureCounts(sizes: readonly number[]): Promise<readonly CountFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-counts-'))
  const store = await openExperimentationStore(`sqlite:${join(folder, 'counts.db')}`)
  async function read(): Promise<number> {
    const counts = await store.exposureCounts(['bench'], ['VARIANT', 'DAY'])
    return (counts.get('bench') ?? []).reduce((sum, { units }) => sum + units, 0)
  }
  try {
    const figures: CountFigures[] = []
    let position = 0
    for (const size of sizes.toSorted((a, b) => a - b)) {
      while (position < size) {
        const through = Math.min(position + PER_STEP, size)
        const exposures = Array.from({ length: through - position }, (_, at) => exposureOf(position + at))
        await store.addCounts({ from: position, through: { position: through, asOf: STARTED_AT }, exposures })
        position = through
      }
      for (let turn = 0; turn < WARM_UP; turn += 1) await read()
      const times: number[] = []
      let counted = 0
      for (let turn = 0; turn < READS; turn += 1) {
        const from = performance.now()
        counted = await read()
        times.push(performance.now() - from)
      }
      figures.push({ exposures: size, readMs: median(times), counted })
    }
    return figures
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function exposureOf(number: number): CountedExposure {
  return {
    experimentKey: 'bench',
    variantKey: number % 2 === 0 ? 'control' : 'treatment',
    day: STARTED_AT + (number % 14) * DAY_MS,
    surface: 'home',
    rung: 'MODEL',
    unit: `user-${number}`,
  }
}

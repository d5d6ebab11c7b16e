import { randomUUID } from 'node:crypto'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { StoredAnalysis } from '../domain/stored-analysis.ts'
import { openReadModel } from '../read-model/duckdb-read-model.ts'
import { createLogSums } from '../read-model/log-sums.ts'
import { createStoredRun, type RunOutcome } from '../services/analyses/stored-run.ts'
import { createForwardedRun } from '../services/analyst/analysis-requests.ts'

const TIMEOUT_MS = 30_000

type Asked = { readonly cutoff: number; readonly now: number }

function analysisOf(outcome: RunOutcome): StoredAnalysis {
  if (outcome.type === 'analysed') return outcome.analysis
  throw new Error(JSON.stringify(outcome.refusal))
}

/** Asks whoever analyses for an analysis of the experiment `mix`. */
export async function askAnalyst(
  store: ExperimentationStore,
  { cutoff, now }: Asked,
): Promise<StoredAnalysis> {
  const run = createForwardedRun({ store, newId: randomUUID, clock: { now: () => now } })
  const request = { experimentKey: 'mix', cutoff, requestedBy: 'ana' }
  return analysisOf(await run(request, AbortSignal.timeout(TIMEOUT_MS)))
}

/** What a reading of the whole log gives up to a position, with nothing kept and nothing stored. */
export async function readAnew(url: string, { cutoff, now }: Asked, asOf: number): Promise<StoredAnalysis> {
  const store = await openExperimentationStore(url)
  try {
    const sums = createLogSums({ store, openModel: () => openReadModel(':memory:'), limit: 500 })
    const run = createStoredRun({
      store: { ...store, head: async () => asOf, insertAnalysis: async () => 'stored' },
      // The head of the log itself may be further.
      engine: { name: 'DUCKDB', sums },
      clock: { now: () => now },
    })
    const request = { experimentKey: 'mix', cutoff, requestedBy: 'ana' }
    return analysisOf(await run(request, AbortSignal.timeout(TIMEOUT_MS)))
  } finally {
    await store.close()
  }
}

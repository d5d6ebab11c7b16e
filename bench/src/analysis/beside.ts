import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '@bulkhead/e2e/harness/wait-until'
import { openExperimentationStore } from '@bulkhead/experimentation/datastore/open'
import { toStoredEvent } from '@bulkhead/experimentation/domain/stored-event'
import { prepareExperimentation, temporarySqlite } from '../harness/experimentation.ts'
import { p99AtRate } from '../harness/open-load.ts'
import { start } from '../harness/programs.ts'
import { sampleBatch, sampleEvents } from '../ingest/events.ts'

const BATCH = 100
/** Between the starts of two requests of a kind. */
const INTERVAL_MS = 25
const CATCH_UP_MS = 300_000
const MAX_INGEST = 500

type Kind = 'ingest' | 'snapshot'
export type BesideFigures = Readonly<
  Record<Kind, { readonly aloneP99Ms: readonly number[]; readonly besideP99Ms: readonly number[] }>
> & { readonly events: number; readonly analyses: number; readonly refused: number }

/**
 * Experimentation on SQLite as an operator starts it, with an analyst beside it: the p99 of batches that are ingested and
 * of snapshots that are served, while analyses of this many events run all the time, and while none runs. Turns alternate.
 */
export async function measureBeside(
  options: { readonly events: number; readonly rounds: number; readonly turnMs: number },
  resources: AsyncDisposableStack,
): Promise<BesideFigures> {
  const { url } = temporarySqlite(resources)
  const { program, secrets } = await prepareExperimentation({ name: 'experimentation', datastoreUrl: url })
  const store = await openExperimentationStore(url)
  resources.defer(() => store.close())
  const now = Date.now()
  for (let from = 0; from < options.events; from += MAX_INGEST) {
    const events = sampleEvents(from, MAX_INGEST, now)
    await store.ingest(
      events.map((event) => ({
        ...{ event: toStoredEvent(event), producer: 'bench' },
        ...{ recordedAt: now, occurredAt: Date.parse(event.occurredAt) },
      })),
    )
  }
  await start(program, resources)
  await waitUntil(
    'the read model has every event',
    async () => ((await store.lease())?.progress.through ?? 0) >= options.events,
    CATCH_UP_MS,
  )

  let next = options.events
  let refused = 0
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secrets.eventsWriteToken}` }
  async function ask(kind: Kind): Promise<number> {
    const from = performance.now()
    let ok: boolean
    if (kind === 'ingest') {
      const body = JSON.stringify(sampleBatch(sampleEvents(next, BATCH, Date.now())))
      next += BATCH
      const sent = performance.now()
      ok = (await fetch(`${program.url}/v1/events`, { method: 'POST', headers, body })).ok
      if (!ok) refused += 1
      return performance.now() - sent
    }
    const read = { authorization: `Bearer ${secrets.snapshotReadToken}` }
    const response = await fetch(`${program.url}/v1/snapshot`, { headers: read })
    await response.arrayBuffer()
    if (!response.ok) refused += 1
    return performance.now() - from
  }

  const p99 = (kind: Kind) => p99AtRate(() => ask(kind), { intervalMs: INTERVAL_MS, turnMs: options.turnMs })

  let analyses = 0
  async function analyseUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      analyses += 1
      const id = `bench-${analyses}`
      // Null is the time of the request, so none is known already.
      const request = { experimentKey: 'home-mix', cutoff: null, requestedBy: 'bench' }
      await store.addAnalysisRequest({ id, ...request, requestedAt: Date.now() })
      while (!signal.aborted && (await store.analysisOutcome(id)) === null) await sleep(50)
    }
  }

  const figures = {
    ingest: { aloneP99Ms: [] as number[], besideP99Ms: [] as number[] },
    snapshot: { aloneP99Ms: [] as number[], besideP99Ms: [] as number[] },
  }
  async function turn(which: 'aloneP99Ms' | 'besideP99Ms'): Promise<void> {
    const [ingest, snapshot] = await Promise.all([p99('ingest'), p99('snapshot')])
    figures.ingest[which].push(ingest)
    figures.snapshot[which].push(snapshot)
  }
  // Not measured: code is compiled and caches are filled.
  await Promise.all([p99('ingest'), p99('snapshot')])
  for (let round = 0; round < options.rounds; round += 1) {
    await turn('aloneP99Ms')
    const controller = new AbortController()
    const analysing = analyseUntil(controller.signal)
    await turn('besideP99Ms')
    controller.abort()
    await analysing
    await waitUntil(
      'no analysis runs',
      async () => (await store.waitingAnalysisRequests(1)).length === 0,
      CATCH_UP_MS,
    )
  }
  return { ...figures, events: options.events, analyses, refused }
}

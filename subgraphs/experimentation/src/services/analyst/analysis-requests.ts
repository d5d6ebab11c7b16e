import { setTimeout as sleep } from 'node:timers/promises'
import { type JsonObject, jsonObjectSchema } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import { z } from 'zod'
import type { ExperimentationStore } from '../../datastore/port.ts'
import { EXPERIMENTATION_ERRORS } from '../../errors.ts'
import type { RunOutcome, RunRefusal, RunRequest } from '../analyses/stored-run.ts'

const LOOK_MS = 100
/** Longer than any lease, so that another one can take over meanwhile. */
const SILENT_MS = 120_000
const MAX_ATTEMPTS = 3
/** Longer than all attempts at one request take, of which each may wait half an hour for the read model. */
const GIVE_UP_MS = 2 * 3_600_000
/** Whoever asked has given up by then. */
const FORGOTTEN_MS = 2 * GIVE_UP_MS
const FORGET_INTERVAL_MS = 60_000
const REQUESTS_PER_READ = 20

/** What is stored for the one who asked. The refusal is as an analyst of this or another release has written it. */
const outcomeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('analysed'), id: z.string() }),
  z.object({ type: z.literal('refused'), refusal: z.looseObject({ type: z.string() }) }),
  z.object({ type: z.literal('failed'), message: z.string() }),
])

/**
 * Has analyses computed by whichever process holds the analyst's lease, and waits for the outcome. Rejects with
 * ANALYST_UNAVAILABLE where no such process is heard of for two minutes, or there is no outcome after two hours, and with
 * the signal's reason when it aborts.
 */
export function createForwardedRun(options: {
  readonly store: Pick<
    ExperimentationStore,
    'addAnalysisRequest' | 'analysisOutcome' | 'findAnalyses' | 'lease'
  >
  readonly newId: () => string
  readonly clock: Clock
  readonly silentMs?: number
  readonly giveUpMs?: number
}): (request: RunRequest, signal: AbortSignal) => Promise<RunOutcome> {
  const { store, newId, clock, silentMs = SILENT_MS, giveUpMs = GIVE_UP_MS } = options

  async function toOutcome(stored: JsonObject): Promise<RunOutcome> {
    const outcome = outcomeSchema.parse(stored)
    switch (outcome.type) {
      case 'analysed': {
        const { byId } = await store.findAnalyses({ ids: [outcome.id], newest: [] })
        const analysis = byId.get(outcome.id)
        if (analysis === undefined) throw new Error(`analysis ${outcome.id} was stored and is not there`)
        return { type: 'analysed', analysis }
      }
      case 'refused':
        return { type: 'refused', refusal: outcome.refusal as RunRefusal }
      case 'failed':
        throw new Error(`the analyst failed: ${outcome.message}`)
    }
  }

  return async (request, signal) => {
    const id = newId()
    const requestedAt = clock.now()
    await store.addAnalysisRequest({ id, ...request, requestedAt })
    let heard: { readonly beat: number | null; readonly at: number } = { beat: null, at: requestedAt }
    for (;;) {
      const stored = await store.analysisOutcome(id)
      if (stored !== null) return await toOutcome(stored)
      const beat = (await store.lease())?.beat ?? null
      const now = clock.now()
      if (beat !== heard.beat) heard = { beat, at: now }
      if (now - heard.at >= silentMs || now - requestedAt >= giveUpMs) {
        throw serviceError(EXPERIMENTATION_ERRORS.ANALYST_UNAVAILABLE)
      }
      await sleep(LOOK_MS, undefined, { signal })
    }
  }
}

/**
 * Answers what others ask: each request is computed and settled, one after the other. One that fails is tried again a few
 * times, since the datastore or the read model may be out of reach for a moment; then its failure is its outcome.
 */
export function createRequestAnswering(options: {
  readonly store: Pick<
    ExperimentationStore,
    'forgetAnalysisRequests' | 'settleAnalysisRequest' | 'waitingAnalysisRequests'
  >
  readonly run: (request: RunRequest, signal: AbortSignal) => Promise<RunOutcome>
  readonly clock: Clock
  readonly log: Logger
}): { answer(signal: AbortSignal): Promise<void> } {
  const { store, run, clock, log } = options
  const attempts = new Map<string, number>()
  let forgotAt = Number.NEGATIVE_INFINITY

  async function outcomeOf(
    id: string,
    request: RunRequest,
    signal: AbortSignal,
  ): Promise<z.input<typeof outcomeSchema> | null> {
    try {
      const outcome = await run(request, signal)
      attempts.delete(id)
      return outcome.type === 'analysed' ? { type: 'analysed', id: outcome.analysis.id } : outcome
    } catch (error) {
      signal.throwIfAborted()
      const made = (attempts.get(id) ?? 0) + 1
      attempts.set(id, made)
      log.warn(
        { err: error, experiment: request.experimentKey, attempt: made },
        'a requested analysis failed',
      )
      if (made < MAX_ATTEMPTS) return null
      attempts.delete(id)
      return { type: 'failed', message: error instanceof Error ? error.message : String(error) }
    }
  }

  return {
    async answer(signal) {
      const now = clock.now()
      if (now - forgotAt >= FORGET_INTERVAL_MS) {
        await store.forgetAnalysisRequests(now - FORGOTTEN_MS)
        forgotAt = now
      }
      const waiting = await store.waitingAnalysisRequests(REQUESTS_PER_READ)
      const ids = new Set(waiting.map(({ id }) => id))
      // Those that are gone were settled by another process, or forgotten.
      for (const id of attempts.keys()) if (!ids.has(id)) attempts.delete(id)
      for (const { id, requestedAt: _, ...request } of waiting) {
        signal.throwIfAborted()
        const outcome = await outcomeOf(id, request, signal)
        if (outcome !== null) {
          await store.settleAnalysisRequest(id, jsonObjectSchema.parse(JSON.parse(JSON.stringify(outcome))))
        }
      }
    },
  }
}

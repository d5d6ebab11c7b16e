import { createBackoff } from '@bulkhead/service/backoff'
import type { Clock } from '@bulkhead/service/clock'
import { withDeadline } from '@bulkhead/service/deadline'
import type { Random } from '@bulkhead/service/random'
import { callThread, ThreadEndedError } from '@bulkhead/threads/call-thread'
import type { PersonalizationStore } from '../../datastore/port.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import type { HistoryItem } from '../../domain/recommendation-model.ts'
import type { ShadowFailure } from '../../domain/shadow/shadow-counts.ts'
import type { ShadowCandidate, ShadowThread } from './shadow-thread.ts'

export type ShadowAnswer =
  | { readonly type: 'list'; readonly candidates: readonly ShadowCandidate[]; readonly cpuMs: number }
  | {
      readonly type: 'failed'
      readonly failure: ShadowFailure
      /** How long the list took at least, milliseconds; null where that says nothing. */
      readonly latencyMs: number | null
      readonly error: Error
    }
  /** Its thread got too little CPU time for a list, because the machine is busy: that says nothing of the model. */
  | { readonly type: 'starved' }
  /** It was not asked: its thread rests after a failure, or its artefact is no model. */
  | { readonly type: 'resting' }

/**
 * How long the threads of a model have worked so far, milliseconds: CPU time, or the time on the clock where that is not
 * known because they threw or were ended.
 */
export type ShadowWork = {
  readonly listsMs: number
  /** To start and to load the model, which happens once, or after a rest. */
  readonly loadingMs: number
}

/** Asks one model in shadow, on a thread of its own that can be killed. */
export type ShadowRunner = {
  /** Takes no more CPU time than the deadlines. @throws the signal's reason once it aborts, and what reading the artefact throws */
  ask(likes: readonly HistoryItem[], limit: number, signal: AbortSignal): Promise<ShadowAnswer>
  work(): ShadowWork
  /** Ends the thread, whatever it is doing. */
  end(): Promise<void>
}

/** What tests choose: the thread's module, the memory of V8 that it may need, the CPU time of one list, and the least rest. */
export type RunnerOptions = {
  readonly main?: URL
  readonly heapMb?: number
  readonly deadlineMs?: number
  readonly minRestMs?: number
}

/** CPU time of one list. A model that takes this long would never serve. */
const LIST_DEADLINE_MS = 500
/** CPU time: large factors are put in groups, of 100,000 items within 11 s. */
const LOAD_DEADLINE_MS = 300_000
/** Where the machine is busy, a list may take so many times its CPU time on the clock, and a loading so long. */
const MAX_DELAY = 40
const MAX_LOAD_MS = 1_200_000
/** On an idle machine a list that never ends gets a little less CPU time than there is on the clock. */
const LATE_SHARE = 0.8
/** After the thread had to be ended; doubles with each time in a row. */
const REST = { baseMs: 1_000, maxMs: 3_600_000 }
/**
 * The shortest of these rests, unless the machine was too busy. Slates may be slower for about a second while a thread
 * loops, ends and starts again, which must be too rare to show in their 99th percentile.
 */
const MIN_REST_MS = 900_000
/** A model's numbers are outside of this heap; its ids are in it, about 150 MB of a million. */
const HEAP_MB = 512
/**
 * For young objects. Node lets a thread that reaches its limit use 16 MiB more, so that it can end. If one collection of
 * young objects keeps more than that, the whole process is aborted.
 */
const YOUNG_MB = 16

/**
 * The first call starts the thread and loads the model. What is not done by its deadline, or needs too much memory, has its
 * thread ended, and another one is started after a rest.
 *
 * @param options.broken is told once that the artefact is no model
 */
export function createShadowRunner(
  options: {
    readonly version: ModelVersion
    readonly store: Pick<PersonalizationStore, 'modelArtefact'>
    readonly clock: Clock
    readonly random: Pick<Random, 'next'>
    readonly broken: (problem: string) => void
  } & RunnerOptions,
): ShadowRunner {
  const { version, store, clock, random, broken } = options
  const { deadlineMs = LIST_DEADLINE_MS, minRestMs = MIN_REST_MS } = options
  const thread = callThread<ShadowThread>({
    main: options.main ?? new URL('./shadow-main.ts', import.meta.url),
    resourceLimits: { maxOldGenerationSizeMb: options.heapMb ?? HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const rest = createBackoff({ ...REST, clock, random })
  let state: 'empty' | 'loaded' | 'broken' = 'empty'
  let listsMs = 0
  let loadingMs = 0
  /** CPU time of the thread that is there which is in `listsMs` or `loadingMs` already. */
  let countedMs = 0

  /** @returns whether there is a model */
  async function load(artefact: Uint8Array | null, signal: AbortSignal): Promise<boolean> {
    const problem =
      artefact === null
        ? 'the datastore has no artefact of this version'
        : await withinCpu(
            thread.callHandingOver([artefact], 'load', artefact, version.artefactHash),
            {
              ms: LOAD_DEADLINE_MS,
              maxMs: MAX_LOAD_MS,
              startMs: 0,
              late: `it was not loaded within ${LOAD_DEADLINE_MS} ms`,
            },
            signal,
          )
    countedMs = (await cpuMs()) ?? 0
    loadingMs += countedMs
    state = problem === null ? 'loaded' : 'broken'
    if (problem === null) return true
    broken(problem)
    await thread.kill()
    return false
  }

  /** Of the thread; null where it does not say so in time. */
  function cpuMs(): Promise<number | null> {
    return withDeadline(thread.cpuMs(), deadlineMs, () => null)
  }

  /**
   * What the thread was asked, as long as that takes no more CPU time than its deadline. The clock alone would blame the
   * model for a busy machine, since its thread gives way to all others.
   * @param deadline.maxMs on the clock
   * @param deadline.startMs CPU time of the thread when it was asked
   * @throws LateError, StarvedError
   */
  async function withinCpu<T>(
    asked: Promise<T>,
    deadline: {
      readonly ms: number
      readonly maxMs: number
      readonly startMs: number
      readonly late: string
    },
    signal: AbortSignal,
  ): Promise<T> {
    const { ms, maxMs, startMs, late } = deadline
    for (const begin = performance.now(); ; ) {
      try {
        return await withDeadline(asked, ms, () => new LateError(late, deadlineMs), signal)
      } catch (error) {
        if (!(error instanceof LateError)) throw error
        const now = await cpuMs()
        if (now !== null && now - startMs >= ms * LATE_SHARE) throw error
        if (performance.now() - begin >= maxMs) throw new StarvedError('it gets no CPU time')
      }
    }
  }

  async function failed(error: Error, elapsedMs: number): Promise<ShadowAnswer> {
    const failure = error instanceof StarvedError ? 'starved' : failureOf(error)
    listsMs += elapsedMs
    if (failure !== 'threw') {
      state = 'empty'
      countedMs = 0
      await thread.kill()
    }
    if (state === 'empty') rest.failed(failure === 'starved' ? null : minRestMs)
    if (failure === 'starved') return { type: 'starved' }
    return { type: 'failed', failure, latencyMs: error instanceof LateError ? error.latencyMs : null, error }
  }

  return {
    async ask(likes, limit, signal) {
      if (state === 'broken' || rest.isWaiting()) return { type: 'resting' }
      // That the datastore is away is not the model's fault.
      const artefact = state === 'empty' ? await store.modelArtefact(version.id) : null
      const begin = performance.now()
      try {
        if (state === 'empty' && !(await load(artefact, signal))) return { type: 'resting' }
        const startMs = countedMs
        const { candidates, threadCpuMs, ...list } = await withinCpu(
          thread.call('recommend', likes, limit),
          {
            ms: deadlineMs,
            maxMs: MAX_DELAY * deadlineMs,
            startMs,
            late: `it had no list within ${deadlineMs} ms of CPU time`,
          },
          signal,
        )
        rest.succeeded()
        listsMs += threadCpuMs - countedMs
        countedMs = threadCpuMs
        return { type: 'list', candidates, cpuMs: list.cpuMs }
      } catch (error) {
        signal.throwIfAborted()
        return failed(error as Error, performance.now() - begin)
      }
    },
    work: () => ({ listsMs, loadingMs }),
    async end() {
      await thread.kill()
      await thread.close()
    },
  }
}

class LateError extends Error {
  override readonly name = 'LateError'
  readonly latencyMs: number

  constructor(message: string, latencyMs: number) {
    super(message)
    this.latencyMs = latencyMs
  }
}

class StarvedError extends Error {
  override readonly name = 'StarvedError'
}

function failureOf(error: unknown): ShadowFailure {
  if (error instanceof LateError) return 'timedOut'
  return error instanceof ThreadEndedError ? 'crashed' : 'threw'
}

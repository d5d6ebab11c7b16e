import { StartupError } from '@bulkhead/service/errors'
import type { ReadinessCheck } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import { buildSupergraph, buildSupergraphWithPauses, type Supergraph } from './supergraph.ts'
import type { SupergraphSource } from './supergraph-source.ts'

/** What a reload does around the switch to the new supergraph. */
type ReloadHooks = {
  /**
   * Prepares the new supergraph, while requests are still answered with the old one. A rejection refuses the new one, so
   * an operation that it does not have any more is no reason to reject. The signal aborts when the gateway stops.
   */
  warm(next: Supergraph, signal: AbortSignal): Promise<void>
  /** Requests that begin from now on get the new supergraph; those under way still use the old one. */
  onSwitch(before: Supergraph, now: Supergraph): void
}

export type LoadedSupergraph = {
  /** The supergraph in use. One request asks once, so that it sees one supergraph from beginning to end. */
  current(): Supergraph
  /** Not ok while the newest text is refused and the supergraph before it is still in use. */
  check(): ReadinessCheck
  /** From now on the supergraph is loaded again whenever its text changes. To be called once. */
  watch(hooks: ReloadHooks): void
  /** Gives up a reload under way; no other follows. */
  stop(): Promise<void>
}

const UNREADABLE = Symbol('unreadable')

/**
 * Loads the supergraph, and then, once `watch` is called, looks at an interval whether its text has changed. A text that
 * cannot be read, or that makes no supergraph, is refused: it is logged once, the supergraph in use stays, and the source
 * is tried again when it changes. Two reloads never run at the same time.
 *
 * @param options.verify throws for a supergraph that the gateway cannot serve although it is one
 * @throws {StartupError} where the first one cannot be loaded
 */
export async function loadSupergraph(options: {
  readonly source: SupergraphSource
  readonly verify: (supergraph: Supergraph) => void
  readonly pollMs: number
  readonly log: Logger
  readonly metrics: Metrics
}): Promise<LoadedSupergraph> {
  const { source, verify, pollMs, log, metrics } = options
  const { what, place } = source
  const reloadFailed = metrics.gauge({
    name: 'bulkhead_supergraph_reload_failed',
    help: '1 while the newest supergraph is refused and the one before it is still in use, else 0',
  })
  const refusals = metrics.counter({
    name: 'bulkhead_supergraph_reloads_refused_total',
    help: 'Supergraphs that were refused, because they could not be read or made no schema',
  })

  let inUse = await loadFirst(source, verify)
  /** What the last run found, so that the same text is neither tried nor logged twice. */
  let seen: string | typeof UNREADABLE = inUse.sdl
  let refused = false
  let poll: Worker | undefined

  function setRefused(value: boolean): void {
    refused = value
    reloadFailed.set(value ? 1 : 0)
  }

  function refuse(err: unknown): void {
    refusals.inc()
    setRefused(true)
    log.warn({ err, ...place }, `supergraph ${what} refused; keeping the supergraph in use`)
  }

  /** Undefined where the text could not be read; that is logged here. */
  async function read(signal: AbortSignal): Promise<string | undefined> {
    try {
      return await source.read(signal)
    } catch (error) {
      if (!signal.aborted && seen !== UNREADABLE) {
        refuse(error)
        seen = UNREADABLE
      }
      return undefined
    }
  }

  /** Undefined where the text makes no supergraph; that is logged here. */
  async function prepare(
    text: string,
    hooks: ReloadHooks,
    signal: AbortSignal,
  ): Promise<Supergraph | undefined> {
    // The one in use is there again, after others that were refused.
    if (text === inUse.sdl) return inUse
    try {
      const next = await buildSupergraphWithPauses(text, signal)
      verify(next)
      await hooks.warm(next, signal)
      return next
    } catch (error) {
      if (!signal.aborted) refuse(error)
      return undefined
    }
  }

  async function reloadIfChanged(hooks: ReloadHooks, signal: AbortSignal): Promise<void> {
    const text = await read(signal)
    if (text === undefined || text === seen) return
    seen = text
    const next = await prepare(text, hooks, signal)
    if (next === undefined || signal.aborted) return
    const before = inUse
    inUse = next
    setRefused(false)
    log.info({ ...place }, 'supergraph reloaded')
    if (next !== before) hooks.onSwitch(before, next)
  }

  return {
    current: () => inUse,
    check: () =>
      refused
        ? { ok: false, detail: `the newest ${what} is refused; the one before it is still in use` }
        : { ok: true },
    watch(hooks) {
      poll = createPeriodicWorker({
        name: 'supergraph',
        intervalMs: pollMs,
        jitter: 0,
        random: { next: () => 0 },
        log,
        run: (signal) => reloadIfChanged(hooks, signal),
      })
      poll.start()
    },
    async stop() {
      await poll?.stop()
    },
  }
}

async function loadFirst(
  source: SupergraphSource,
  verify: (supergraph: Supergraph) => void,
): Promise<Supergraph> {
  const text = await source.read(new AbortController().signal).catch((error: Error) => {
    throw new StartupError(`Cannot read the supergraph (${error.message}): ${WHAT_TO_DO}`)
  })
  try {
    const supergraph = buildSupergraph(text)
    verify(supergraph)
    return supergraph
  } catch (error) {
    const place = 'path' in source.place ? source.place.path : source.place.url
    const problem = error instanceof Error ? error.message : String(error)
    throw new StartupError(`${place} is not a supergraph that can be served (${problem}): ${WHAT_TO_DO}`)
  }
}

const WHAT_TO_DO =
  'set SUPERGRAPH_PATH, or --supergraph, to the file or the URL of a supergraph; `npm run schema:compose` writes our own'

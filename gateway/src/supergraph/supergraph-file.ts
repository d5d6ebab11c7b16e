import { readFile } from 'node:fs/promises'
import type { SupergraphManager } from '@apollo/gateway'
import { StartupError } from '@bulkhead/service/errors'
import type { ReadinessCheck } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { createPeriodicWorker } from '@bulkhead/service/worker'

type SupergraphFile = SupergraphManager & {
  /** Not ok while the newest file is refused and the one before it is still in use. */
  check(): ReadinessCheck
}

const UNREADABLE = Symbol('unreadable')

/**
 * Loads the supergraph from a file, and again whenever its text changes. A file that cannot be read, or that makes no
 * schema, is refused: it is logged once, the supergraph in use stays, and the file is tried again when it changes.
 *
 * The file is read at an interval, because file events do not survive the ways in which deployments replace files:
 * renames, bind mounts, symbolic links of Kubernetes.
 */
export function createSupergraphFile(options: {
  readonly path: string
  readonly pollMs: number
  readonly log: Logger
  readonly metrics: Metrics
}): SupergraphFile {
  const { path, pollMs, log, metrics } = options
  const reloadFailed = metrics.gauge({
    name: 'bulkhead_supergraph_reload_failed',
    help: '1 while the newest supergraph file is refused and the one before it is still in use, else 0',
  })
  const refusals = metrics.counter({
    name: 'bulkhead_supergraph_reloads_refused_total',
    help: 'Supergraph files that were refused, because they could not be read or made no schema',
  })
  let refused = false
  function setRefused(value: boolean): void {
    refused = value
    reloadFailed.set(value ? 1 : 0)
  }
  function refuse(err: unknown): void {
    refusals.inc()
    setRefused(true)
    log.warn({ err, path }, 'supergraph file refused; keeping the supergraph in use')
  }

  return {
    check: () =>
      refused
        ? { ok: false, detail: 'the newest file is refused; the one before it is still in use' }
        : { ok: true },
    async initialize({ update }) {
      const first = await readFile(path, 'utf8').catch((error: Error) => {
        throw new StartupError(
          `Cannot read the supergraph (${error.message}): run \`npm run schema:compose\`, or set SUPERGRAPH_PATH`,
        )
      })
      /** What the last run found, so that the same file is neither tried nor logged twice. */
      let seen: string | typeof UNREADABLE = first
      const poll = createPeriodicWorker({
        name: 'supergraph-file',
        intervalMs: pollMs,
        jitter: 0,
        random: { next: () => 0 },
        log,
        async run() {
          let text: string
          try {
            text = await readFile(path, 'utf8')
          } catch (error) {
            if (seen !== UNREADABLE) refuse(error)
            seen = UNREADABLE
            return
          }
          if (text === seen) return
          seen = text
          try {
            update(text)
          } catch (error) {
            refuse(error)
            return
          }
          setRefused(false)
          log.info({ path }, 'supergraph reloaded')
        },
      })
      poll.start()
      return { supergraphSdl: first, cleanup: () => poll.stop() }
    },
  }
}

import { readFile } from 'node:fs/promises'
import type { SupergraphManager } from '@apollo/gateway'
import { StartupError } from '@bulkhead/service/errors'
import type { Logger } from '@bulkhead/service/logging'
import { createPeriodicWorker } from '@bulkhead/service/worker'

/**
 * Loads the supergraph from a file and again whenever its text changes. A file that is unreadable, half written or
 * does not make a schema leaves the one in use in place, and is said once.
 *
 * It reads on an interval because file events are lost by the ways in which deployments replace files: renames,
 * bind mounts, symbolic links of Kubernetes.
 */
export const createSupergraphFile = (options: {
  readonly path: string
  readonly pollMs: number
  readonly log: Logger
  readonly onLoaded: () => void
}): SupergraphManager => {
  const { path, pollMs, log, onLoaded } = options
  return {
    initialize: async ({ update }) => {
      let seen: string
      try {
        seen = await readFile(path, 'utf8')
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new StartupError(
          `Cannot read the supergraph (${reason}): run \`npm run schema:compose\`, or set SUPERGRAPH_PATH`,
        )
      }
      onLoaded()
      const poll = createPeriodicWorker({
        name: 'supergraph-file',
        intervalMs: pollMs,
        jitter: 0,
        random: () => 0,
        log,
        run: async () => {
          const text = await readFile(path, 'utf8')
          if (text === seen) return
          seen = text
          update(text)
          onLoaded()
          log.info({ path }, 'supergraph reloaded')
        },
      })
      poll.start()
      return { supergraphSdl: seen, cleanup: () => poll.stop() }
    },
  }
}

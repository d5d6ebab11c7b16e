import { homedir } from 'node:os'
import { join } from 'node:path'

/** The bench's environment variables; all are optional. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  return Object.freeze({
    /** The Rust Hive Router, built elsewhere; empty for none. */
    hiveRouterBinary: env.HIVE_ROUTER_BINARY ?? '',
    /** Where peers are installed: outside the repository, since they are no part of it. */
    cacheFolder: join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bulkhead-bench'),
    /** What npm needs to find its registry and its cache. */
    npmEnvironment: env,
  })
}

export type Config = ReturnType<typeof loadConfig>

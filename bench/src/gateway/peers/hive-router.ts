import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Peer } from './peer.ts'

/** The Rust router, where the variable HIVE_ROUTER_BINARY names one. */
export function hiveRouter({ hiveRouterBinary: binary }: Config): Peer {
  return {
    name: 'hive-router (Rust)',
    configured: 'LOG_LEVEL=warn, since it logs every request otherwise',
    path: '/graphql',
    prepare: async () =>
      existsSync(binary)
        ? null
        : 'HIVE_ROUTER_BINARY names no file: build the router with `cargo install hive-router`',
    program: ({ port, supergraphPath, trust, folder: cwd }) => {
      const configPath = join(cwd, 'router.config.json')
      writeFileSync(configPath, JSON.stringify(configuration(supergraphPath, trust?.headers ?? {})))
      return {
        command: binary,
        args: [],
        env: {
          ROUTER_CONFIG_FILE_PATH: configPath,
          HOST: '127.0.0.1',
          PORT: String(port),
          LOG_LEVEL: 'warn',
        },
        cwd,
      }
    },
  }
}

function configuration(supergraphPath: string, sent: Readonly<Record<string, string>>) {
  const request = Object.entries(sent).map(([name, value]) => ({ insert: { name, value } }))
  return {
    supergraph: { source: 'file', path: supergraphPath },
    ...(request.length === 0 ? {} : { headers: { all: { request } } }),
  }
}

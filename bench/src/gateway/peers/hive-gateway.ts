import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { installPackages } from '../../harness/install.ts'
import type { Peer } from './peer.ts'

const NAME = 'hive-gateway'
const PACKAGES = ['@graphql-hive/gateway@2.15.1', '@graphql-hive/router-runtime@1.4.23', 'graphql@16.15.0']

/** Its ways to execute a plan; the second is documented as the faster one. */
const MODES = [
  { name: `${NAME} (stitching)`, options: [], about: 'the default executor' },
  {
    name: `${NAME} (Rust planner)`,
    options: ['--hive-router-runtime'],
    about: 'the Rust query planner and the executor that comes with it',
  },
] as const

/** Hive Gateway in each mode; installed into the cache folder where it is not there yet. */
export function hiveGateways(config: Config): readonly Peer[] {
  const folder = join(config.cacheFolder, 'hive-gateway-2.15.1')
  let installed: Promise<string | null> | undefined
  return MODES.map(({ name, options, about }) => ({
    name,
    configured: `${about}; --fork 1, otherwise its defaults`,
    path: '/graphql',
    prepare() {
      installed ??= installPackages(folder, PACKAGES, config.npmEnvironment)
      return installed
    },
    program: ({ port, supergraphPath, trust, folder: cwd }) => {
      const configPath = join(cwd, 'gateway.config.mjs')
      writeFileSync(configPath, configuration(trust?.headers ?? null))
      return {
        args: [
          join(folder, 'node_modules/@graphql-hive/gateway/dist/bin.js'),
          ...['supergraph', supergraphPath, '--config-path', configPath],
          ...['--host', '127.0.0.1', '--port', String(port), '--fork', '1'],
          ...options,
        ],
        env: { NODE_ENV: 'production' },
        cwd,
      }
    },
  }))
}

function configuration(headers: Readonly<Record<string, string>> | null): string {
  if (headers === null) return 'export const gatewayConfig = {}\n'
  return `export const gatewayConfig = { propagateHeaders: { fromClientToSubgraphs: () => (${JSON.stringify(headers)}) } }\n`
}

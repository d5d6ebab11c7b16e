import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import type { Config } from '../../config.ts'
import type { AbsentPeer, Peer } from './peer.ts'

const NAME = 'hive-router (Rust)'

/** The Rust router, where the variable HIVE_ROUTER_BINARY names one (`cargo install hive-router`). */
export function hiveRouter({ hiveRouterBinary: binary }: Config): Peer | AbsentPeer {
  if (binary === null || !existsSync(binary)) {
    return {
      name: NAME,
      absent: 'HIVE_ROUTER_BINARY names no file: build it with `cargo install hive-router`',
    }
  }
  return {
    name: NAME,
    configured: 'LOG_LEVEL=warn, since it logs every request otherwise',
    path: '/graphql',
    program: ({ port, supergraphPath, gatewaySecret, folder: cwd }) => {
      const configPath = join(cwd, 'router.config.json')
      writeFileSync(configPath, JSON.stringify(configuration(supergraphPath, gatewaySecret)))
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

function configuration(supergraphPath: string, gatewaySecret: string | null) {
  const insert = { name: GATEWAY_SECRET_HEADER, value: gatewaySecret }
  return {
    supergraph: { source: 'file', path: supergraphPath },
    ...(gatewaySecret === null ? {} : { headers: { all: { request: [{ insert }] } } }),
  }
}

import { parseArgs } from 'node:util'
import { redactUrl } from '@bulkhead/datastore/datastore-url'
import type { Topology } from './environment.ts'

const DEFAULT_PORT = 4000
const MAX_PORT = 65_535 - 2
/** An @ behind the first / or ? is the end of a password that would be cut in two where the database is put in. */
const MONGODB_URL = /^mongodb(?:\+srv)?:\/\/(?:[^/?@]*@)?[^/?@]+(?:\/[^?@]*)?(?:\?[^@]*)?$/

export const HELP = `npm start -- [options]

  --mongodb URL   keep the data on this MongoDB (a replica set, one node will do) instead of embedded SQLite,
                  in the databases bulkhead_personalization and bulkhead_experimentation
  --port N        the gateway's port (${DEFAULT_PORT}); personalization takes N+1, experimentation N+2
  --no-demo       start without the demo's data
  --help          show this

  DATA_DIR        environment variable: where SQLite files and the development secrets are kept (.data)
`

export type LauncherOptions = Topology & { readonly demo: boolean }

export type ParsedOptions =
  | { readonly type: 'options'; readonly options: LauncherOptions }
  | { readonly type: 'help' }
  | { readonly type: 'refused'; readonly message: string }

/** A URL in the wrong place would be quoted, password and all. */
function redactArguments(message: string, args: readonly string[]): string {
  return args
    .flatMap((arg) => [arg, arg.slice(arg.indexOf('=') + 1)])
    .reduce((text, arg) => text.replaceAll(arg, redactUrl(arg)), message)
}

/** Reads the launcher's arguments; a refusal is one line that says what to change. */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedOptions {
  const refused = (message: string): ParsedOptions => ({
    type: 'refused',
    message: `${redactArguments(message, args)}; see npm start -- --help`,
  })
  let values: { mongodb?: string; port?: string; 'no-demo'?: boolean; help?: boolean }
  try {
    const parsed = parseArgs({
      args: [...args],
      options: {
        mongodb: { type: 'string' },
        port: { type: 'string' },
        'no-demo': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    values = parsed.values
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error))
  }
  if (values.help) return { type: 'help' }
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    return refused(`--port ${values.port} is not a port from 1 to ${MAX_PORT}`)
  }
  if (values.mongodb !== undefined && !MONGODB_URL.test(values.mongodb)) {
    return refused(
      '--mongodb takes a URL such as mongodb://127.0.0.1:27017/?replicaSet=rs0, where user, password and options have / ? @ : percent-encoded',
    )
  }
  const dataDir = env.DATA_DIR ?? '.data'
  if (dataDir.trim() === '') return refused('DATA_DIR is empty: unset it, or set it to a folder')
  return {
    type: 'options',
    options: {
      ports: { gateway: port, personalization: port + 1, experimentation: port + 2 },
      dataDir,
      mongodbUrl: values.mongodb ?? null,
      demo: values['no-demo'] !== true,
    },
  }
}

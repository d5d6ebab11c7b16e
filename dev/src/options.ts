import { isMongoUrl } from '@bulkhead/datastore/datastore-url'
import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { type Command, InvalidArgumentError } from 'commander'
import type { Topology } from './environment.ts'

const DEFAULT_PORT = 4000
const MAX_PORT = 65_535 - 2

const NPM_SETTINGS = [
  ['npm_config_mongodb', '--mongodb URL'],
  ['npm_config_port', '--port N'],
  ['npm_config_demo', '--no-demo'],
] as const

export type LauncherOptions = Topology & { readonly demo: boolean }

/** A command of the launcher: how it is called, and what its `--help` says. */
export type LauncherCommand = {
  readonly program: string
  /** Adds the text, and the options that other commands of the launcher lack. */
  readonly describe: (program: Command) => Command
}

export const START: LauncherCommand = {
  program: 'npm start --',
  describe: (program) =>
    program
      .description('Starts the gateway and both subgraphs, with the data of a demo.')
      .option('--no-demo', "start without the demo's data"),
}

/** Reads the launcher's arguments; never throws. */
export function parseOptions(
  { program, describe }: LauncherCommand,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine<LauncherOptions> {
  // Without the `--` before them npm takes options for its own, and hands them on as settings only.
  const taken = NPM_SETTINGS.find(([setting]) => env[setting] !== undefined)
  if (taken !== undefined) {
    return {
      type: 'refused',
      message: `npm took ${taken[1]} for itself: write the options after --, as in ${program} ${taken[1]}`,
    }
  }
  return readCommandLine<LauncherOptions>({
    program,
    args,
    define(command, ask) {
      describe(command)
        .option(
          '--mongodb <URL>',
          'use this MongoDB (a replica set, one node will do) instead of embedded SQLite, with the databases bulkhead_personalization and bulkhead_experimentation',
          readMongoUrl,
        )
        .option(
          '--port <N>',
          "the gateway's port; personalization takes N+1, experimentation N+2",
          readPort,
          DEFAULT_PORT,
        )
        .addHelpText(
          'after',
          '\nEnvironment: DATA_DIR (.data) is the folder of the SQLite files and of the development secrets',
        )
        .action(({ mongodb, port, demo }: { mongodb?: string; port: number; demo?: boolean }) => {
          const dataDir = env.DATA_DIR ?? '.data'
          if (dataDir.trim() === '') command.error('DATA_DIR is empty: unset it, or set it to a folder')
          ask({
            ports: { gateway: port, personalization: port + 1, experimentation: port + 2 },
            dataDir,
            mongodbUrl: mongodb ?? null,
            demo: demo !== false,
          })
        })
    },
  })
}

function readMongoUrl(text: string): string {
  if (isMongoUrl(text)) return text
  throw new InvalidArgumentError(
    'Give a URL such as mongodb://127.0.0.1:27017/?replicaSet=rs0, with / ? @ : percent-encoded in user, password and options.',
  )
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return port
  throw new InvalidArgumentError(`It is not a port from 1 to ${MAX_PORT}.`)
}

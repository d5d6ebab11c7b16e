import { resolve } from 'node:path'
import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { InvalidArgumentError } from 'commander'
import type { StandaloneOptions } from './config.ts'

const NPM = 'npm run gateway --'
const MAX_PORT = 65_535

const DETAILS = `
The URLs of the subgraphs are those of the supergraph. A subgraph named personalization or experimentation whose URL is a
placeholder (its host ends in .invalid) is reached at PERSONALIZATION_URL or EXPERIMENTATION_URL, and gets GATEWAY_SECRET
if that is set; where one of these URLs is set, it counts in any case. No other subgraph gets the secret.

Environment: SUPERGRAPH_PATH, PORT and HOST where the options are left out, and all the other settings of the gateway in
docs/configuration.md. ENTITY_DEADLINE_MS is ROOT_DEADLINE_MS unless it is set.

Examples:
  ${NPM} --supergraph supergraph.graphql --port 4100
  ${NPM} --supergraph https://registry.example/supergraph.graphql`

/** Reads the arguments of `npm run gateway --`; never throws. */
export function parseCommandLine(args: readonly string[]): CommandLine<StandaloneOptions> {
  return readCommandLine<StandaloneOptions>({
    program: NPM,
    args,
    define(program, ask) {
      program
        .description('Starts the gateway by itself, in front of the subgraphs of any supergraph.')
        .option(
          '--supergraph <URL_OR_FILE>',
          'the supergraph SDL: an http(s) URL or a file; it is loaded again when it changes',
          readLocation,
        )
        .option('--port <N>', 'the port to listen on, 4000 by default; 0 lets the system choose', readPort)
        .option('--host <H>', 'the address to listen on, 127.0.0.1 by default')
        .addHelpText('after', DETAILS)
        .action((options: StandaloneOptions) => ask(options))
    },
  })
}

/** A path becomes absolute, because npm runs the script in the repository's folder and messages should show that. */
function readLocation(text: string): string {
  return text === '' || /^https?:/i.test(text) ? text : resolve(text)
}

function readPort(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT) return text
  throw new InvalidArgumentError(`It is not a port from 0 to ${MAX_PORT}.`)
}

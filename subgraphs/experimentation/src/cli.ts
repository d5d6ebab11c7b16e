import { parseArgs } from 'node:util'
import { resetDatastore } from '@bulkhead/datastore/reset'
import { systemClock } from '@bulkhead/service/clock'
import { startupMessage } from '@bulkhead/service/lifecycle'
import { createLogger } from '@bulkhead/service/logging'
import { systemRandom } from '@bulkhead/service/random'
import { loadCliConfig, loadSigningConfig } from './config.ts'
import { openExperimentationStore } from './datastore/open.ts'
import { DEMO_EXPERIMENT, type DemoOutcome, installDemo } from './demo/demo-experiment.ts'
import { createExperimentService } from './services/experiment-service.ts'
import { createSnapshotSigner } from './services/snapshot-signer.ts'

const HELP = `npm run experimentation -- COMMAND

Commands
  demo [--if-empty]  creates and starts the demo experiment; with --if-empty only where there is no other experiment.
                     Needs SNAPSHOT_SIGNING_KEY_ID and SNAPSHOT_SIGNING_KEY, which the launcher sets.
  reset --yes        deletes all data of this subgraph. Stop the service first: an SQLite file in use is refused, but
                     MongoDB cannot tell.
  --help             this text

Settings: DATASTORE_URL, or DATA_DIR (.data) for the embedded datastore; LOG_LEVEL.
`

const DEMO_MESSAGES: Readonly<Record<DemoOutcome, string>> = {
  started: `experiment "${DEMO_EXPERIMENT.key}" is running`,
  'already-there': `experiment "${DEMO_EXPERIMENT.key}" is there already`,
  'not-empty': 'there are other experiments; the demo is left out',
}

/** A command line that cannot be run as it is: one line for the person who typed it. */
class UsageError extends Error {
  override readonly name = 'StartupError'
}

async function demo(ifEmpty: boolean): Promise<string> {
  const { datastoreUrl, logLevel } = loadCliConfig()
  const sign = createSnapshotSigner(loadSigningConfig())
  const store = await openExperimentationStore(datastoreUrl)
  try {
    const experiments = createExperimentService({
      store,
      sign,
      clock: systemClock,
      random: systemRandom,
      // This process serves no snapshot; the running replicas find the new one in the datastore.
      snapshots: { accept: () => undefined },
      log: createLogger({ service: 'experimentation', level: logLevel === 'info' ? 'warn' : logLevel }),
    })
    return DEMO_MESSAGES[await installDemo({ store, experiments, ifEmpty })]
  } finally {
    await store.close()
  }
}

async function reset(confirmed: boolean): Promise<string> {
  if (!confirmed) throw new UsageError('reset deletes all data of this subgraph: add --yes if that is meant')
  const { type, what } = await resetDatastore(loadCliConfig().datastoreUrl)
  if (type === 'in-use') throw new UsageError(`${what} is in use: stop the service first`)
  return type === 'deleted' ? `${what} is deleted` : `there was no ${what}`
}

async function run(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseCommandLine(args)
  const [command, ...rest] = positionals
  if (values.help || command === undefined) return HELP.trimEnd()
  if (rest.length > 0) throw new UsageError(`unexpected "${rest[0]}": see --help`)
  switch (command) {
    case 'demo':
      return demo(values['if-empty'])
    case 'reset':
      return reset(values.yes)
    default:
      throw new UsageError(`there is no command "${command}": see --help`)
  }
}

function parseCommandLine(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        'if-empty': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

try {
  console.log(await run(process.argv.slice(2)))
} catch (error) {
  console.error(`experimentation: ${startupMessage(error)}`)
  process.exitCode = 1
}

import { resetDatastore } from '@bulkhead/datastore/reset'
import { systemClock } from '@bulkhead/service/clock'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { startupMessage } from '@bulkhead/service/process/lifecycle'
import { systemRandom } from '@bulkhead/service/random'
import { type Command, parseCommandLine } from './command-line.ts'
import { loadCliConfig, loadPublishingConfig } from './config.ts'
import { MIGRATE_COMMAND, openExperimentationStore } from './datastore/open.ts'
import { DEMO_EXPERIMENT, type DemoOutcome, installDemo } from './demo/demo-experiment.ts'
import { type AuditVerification, verifyAudit } from './services/audit-verification.ts'
import { createChangeQueue } from './services/changes/change-queue.ts'
import { createExperimentService } from './services/experiment-service.ts'
import { createSigner } from './services/signer.ts'

const DEMO_MESSAGES: Readonly<Record<DemoOutcome, string>> = {
  started: `experiment "${DEMO_EXPERIMENT.key}" is running`,
  'already-there': `experiment "${DEMO_EXPERIMENT.key}" is there already`,
  'key-taken': `experiment "${DEMO_EXPERIMENT.key}" is somebody else's; the demo is left out`,
  'not-empty': 'there are other experiments; the demo is left out',
}

/** A command line that cannot be run as it is: one line for the person who typed it. */
class UsageError extends Error {
  override readonly name = 'StartupError'
}

/** The audit log, or what is stored, was changed by something else than this service. */
class TamperedError extends Error {}

async function demo(ifEmpty: boolean): Promise<string> {
  const { datastoreUrl, logLevel } = loadCliConfig()
  const { production, signing, reviewQuorum: quorum } = loadPublishingConfig()
  // Its reviewers are made up, so there it would be a start that nobody has reviewed.
  if (production)
    throw new UsageError('the demo is not for production: with NODE_ENV=production it is refused')
  const { sign, signDecision } = createSigner(signing)
  const store = await openExperimentationStore(datastoreUrl)
  try {
    const changes = createChangeQueue({
      store,
      sign,
      clock: systemClock,
      random: systemRandom,
      // This process serves no snapshot; the running replicas find the new one in the datastore.
      snapshots: { accept: () => undefined },
      log: createLogger({ service: 'experimentation', level: logLevel === 'info' ? 'warn' : logLevel }),
      metrics: createMetrics({ service: 'experimentation' }),
    })
    const experiments = createExperimentService({ store, changes, quorum, signDecision })
    return DEMO_MESSAGES[await installDemo({ store, experiments, ifEmpty, quorum })]
  } finally {
    await store.close()
  }
}

async function reset(): Promise<string> {
  const { type, what } = await resetDatastore(loadCliConfig().datastoreUrl)
  if (type === 'in-use') throw new UsageError(`${what} is in use: stop the service first`)
  return type === 'deleted' ? `${what} is deleted` : `there was no ${what}`
}

async function migrate(): Promise<string> {
  const store = await openExperimentationStore(loadCliConfig().datastoreUrl)
  await store.close()
  return 'the datastore is up to date'
}

async function verify(): Promise<string> {
  // It only reads: a migration would change what is to be verified.
  const store = await openExperimentationStore(loadCliConfig().datastoreUrl, {
    whenBehind: { refuseAndRun: MIGRATE_COMMAND },
  })
  try {
    return describeVerification(await verifyAudit(store))
  } finally {
    await store.close()
  }
}

/** @throws TamperedError with one line for each problem */
function describeVerification({ entries, problems }: AuditVerification): string {
  if (problems.length === 0) return `the audit log is intact: ${entries} entries`
  const lines = problems.map(({ sequence, subject, message }) => {
    const where = [sequence === null ? null : `entry ${sequence}`, subject].filter((part) => part !== null)
    return [...where, message].join(': ')
  })
  throw new TamperedError(lines.join('\n'))
}

function runCommand(command: Command): Promise<string> {
  switch (command.name) {
    case 'demo':
      return demo(command.ifEmpty)
    case 'migrate':
      return migrate()
    case 'audit-verify':
      return verify()
    case 'reset':
      return reset()
  }
}

async function run(args: readonly string[]): Promise<string> {
  const parsed = parseCommandLine(args)
  switch (parsed.type) {
    case 'help':
      return parsed.text.trimEnd()
    case 'refused':
      throw new UsageError(parsed.message)
    case 'command':
      return runCommand(parsed.command)
  }
}

try {
  console.log(await run(process.argv.slice(2)))
} catch (error) {
  if (error instanceof TamperedError) console.log(error.message)
  console.error(
    `experimentation: ${error instanceof TamperedError ? 'the audit log is not intact' : startupMessage(error)}`,
  )
  process.exitCode = 1
}

import { isInUse, resetDatastore } from '@bulkhead/datastore/reset'
import { createApiClient } from '@bulkhead/service/api/api-client'
import { createClock } from '@bulkhead/service/config/development-clock'
import { createLogger } from '@bulkhead/service/logging'
import { startupMessage } from '@bulkhead/service/process/lifecycle'
import { type Command, parseCommandLine } from './command-line/command-line.ts'
import type { ModelPathCommand } from './command-line/model-path.ts'
import { runDeadLetters } from './commands/dead-letters.ts'
import { eraseUser } from './commands/erase.ts'
import { evaluate } from './commands/evaluate.ts'
import { exportCandidatesToFile, exportToFiles } from './commands/export.ts'
import { importInteractions, importItems } from './commands/import.ts'
import { importModelFile } from './commands/import-model.ts'
import { listModels } from './commands/list-models.ts'
import { runModelPathCommand } from './commands/model-path.ts'
import { offPolicy } from './commands/off-policy.ts'
import { recommend } from './commands/recommend.ts'
import { refreshModel } from './commands/refresh.ts'
import { loadApiConfig, loadCliConfig } from './config.ts'
import { openPersonalizationStore } from './datastore/open.ts'
import { loadDemo } from './demo/demo-command.ts'
import { createFileCheckpoints } from './services/checkpoints.ts'
import { createTrainingService } from './services/training-service.ts'
import { trainAndReport } from './terminal/train-and-report.ts'

type StoreCommand = Exclude<Command, { name: 'reset' } | ModelPathCommand>

/** Failures that the person at the terminal can mend: their message is all there is to say. */
const MENDABLE: ReadonlySet<string> = new Set([
  'CollapsedFactorsError',
  'EvaluationRefusedError',
  'ExportRefusedError',
  'ImportError',
  'RefreshRefusedError',
  'TrainingRefusedError',
])

async function runOnStore(command: StoreCommand): Promise<number> {
  const config = loadCliConfig()
  // The demo is loaded before its services start, and a newcomer waits for it.
  const pauseBulkWrites = command.name !== 'demo' || isInUse(config.datastoreUrl)
  const imports = command.name === 'import items' || command.name === 'import interactions'
  const alone = imports && !isInUse(config.datastoreUrl)
  const clock = createClock(config.developmentClockFile)
  const store = await openPersonalizationStore(config.datastoreUrl, { pauseBulkWrites, alone })
  try {
    // `info` is the default of services; here a person reads, and the commands say themselves what they did.
    const level = config.logLevel === 'info' ? 'warn' : config.logLevel
    const log = createLogger({ service: 'personalization', level, destination: process.stderr })
    const training = createTrainingService({
      store,
      clock,
      log,
      checkpoints: createFileCheckpoints(config.dataDir),
    })
    const shared = { store, training, clock, out: process.stdout, err: process.stderr }
    switch (command.name) {
      case 'import items':
        return await importItems(command, shared)
      case 'import interactions':
        return await importInteractions(command, shared)
      case 'export interactions':
        return await exportToFiles(command, shared)
      case 'export candidates':
        return await exportCandidatesToFile(command, shared)
      case 'models import':
        return await importModelFile(command, shared)
      case 'dead-letters':
        return await runDeadLetters(command, shared)
      case 'erase':
        return await eraseUser(command, shared)
      case 'demo':
        return await loadDemo(command, shared)
      case 'train':
        await trainAndReport({
          ...shared,
          owner: 'operator',
          reason: 'npm run personalization -- train',
          choice: command.choice,
          ...(command.until !== null && { until: command.until }),
        })
        return 0
      case 'refresh':
        return await refreshModel(command, shared)
      case 'evaluate':
      case 'compare':
        return await evaluate(command, shared)
      case 'off-policy':
        return await offPolicy(command, shared)
      case 'models list':
        return await listModels(command, shared)
      case 'recommend':
        return await recommend(command, { ...shared, log })
    }
  } finally {
    await store.close()
  }
}

async function reset(): Promise<number> {
  const { type, what } = await resetDatastore(loadCliConfig().datastoreUrl)
  if (type === 'in-use') {
    process.stderr.write(`${what} is in use: stop the service first\n`)
    return 1
  }
  process.stdout.write(type === 'deleted' ? `Reset: ${what} is deleted\n` : `Reset: there was no ${what}\n`)
  return 0
}

async function runCommand(command: Command): Promise<number> {
  switch (command.name) {
    case 'reset':
      return reset()
    case 'models show':
    case 'shadow':
    case 'promote':
    case 'rollback': {
      const { url, token } = loadApiConfig()
      const client = createApiClient({ url: command.url ?? url, token })
      process.stdout.write(`${await runModelPathCommand(command, client)}\n`)
      return 0
    }
    default:
      return runOnStore(command)
  }
}

async function run(args: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(args)
  switch (parsed.type) {
    case 'help':
      process.stdout.write(parsed.text)
      return 0
    case 'refused':
      process.stderr.write(`${parsed.message}\n`)
      return 1
    case 'command':
      return runCommand(parsed.command)
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (MENDABLE.has(error.name)) return error.message
  if (error.name === 'DatastoreUnavailableError') {
    return `${error.message}; what was stored before stays, and the same command can be run again`
  }
  return startupMessage(error)
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`personalization: ${explain(error)}\n`)
  process.exitCode = 1
}

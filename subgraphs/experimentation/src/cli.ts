import { resetDatastore } from '@bulkhead/datastore/reset'
import { systemClock } from '@bulkhead/service/clock'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { runService, startupMessage } from '@bulkhead/service/process/lifecycle'
import { systemRandom } from '@bulkhead/service/random'
import { analysePower } from './analysis/power-analysis.ts'
import { createApiClient } from './api/api-client.ts'
import { type ExperimentCommand, runExperimentCommand } from './api/experiment-command.ts'
import { runAnalysisByApi, toReported } from './api/run-analysis.ts'
import { type Command, parseCommandLine, type SumsSource } from './command-line.ts'
import { loadApiConfig, loadCliConfig, loadPublishingConfig, loadSparkConfig } from './config.ts'
import { MIGRATE_COMMAND, openExperimentationStore } from './datastore/open.ts'
import { DEMO_EXPERIMENT, type DemoOutcome, installDemo } from './demo/demo-experiment.ts'
import { deleteUnused } from './read-model/delete-database.ts'
import {
  EventsErasedError,
  ReadModelBehindError,
  ReadModelLockedError,
  SumOverflowError,
} from './read-model/errors.ts'
import { ExportUnusableError } from './read-model/export/errors.ts'
import type { ExportSums } from './read-model/export/export-sums.ts'
import type { ExportProgress } from './read-model/export/exporter.ts'
import { createLogReader } from './read-model/log-sums.ts'
import type { ReadModel } from './read-model/port.ts'
import { SparkError, SparkUnusableError } from './read-model/spark/errors.ts'
import { replayAnalysis } from './services/analyses/replay.ts'
import {
  type AnalysisResult,
  type AnalysisService,
  createAnalysisService,
} from './services/analysis-service.ts'
import { type AuditVerification, verifyAudit } from './services/audit-verification.ts'
import { createChangeQueue } from './services/changes/change-queue.ts'
import { createExperimentService } from './services/experiment-service.ts'
import { createMetricService } from './services/metric-service.ts'
import { recentTraffic } from './services/planning/recent-traffic.ts'
import { createSigner } from './services/signer.ts'
import { analysisReport } from './terminal/analysis-report.ts'
import { daysOf, powerReport } from './terminal/power-report.ts'
import { replayReport } from './terminal/replay-report.ts'

const DEMO_MESSAGES: Readonly<Record<DemoOutcome, string>> = {
  started: `experiment "${DEMO_EXPERIMENT.key}" is running`,
  'already-there': `experiment "${DEMO_EXPERIMENT.key}" is there already`,
  'key-taken': `experiment "${DEMO_EXPERIMENT.key}" is somebody else's; the demo is left out`,
  'not-empty': 'there are other experiments; the demo is left out',
}

function describeRefusal(result: Exclude<AnalysisResult, { type: 'analysed' }>, key: string): string {
  switch (result.type) {
    case 'unknown-experiment':
      return `there is no experiment "${key}"`
    case 'never-started':
      return `experiment "${key}" was not started by then, so it has no exposures`
    case 'cutoff-in-future':
      return 'the cutoff is in the future: what occurs until then is not known'
    case 'unusable-plan':
      return `alpha and power of the plan of "${key}" leave no level for its tests (${result.reason})`
  }
}

/** Enough for few round trips, and few enough to be in memory at once. */
const EVENTS_PER_READ = 5_000
/** The longest that `analyze --store` waits. */
const STORE_TIMEOUT_MS = 1_800_000

/** A command line that cannot be run as it is: one line for the person who typed it. */
class UsageError extends Error {
  override readonly name = 'StartupError'
}

/** A check that was made, and failed: what it found is printed as the result. */
class NegativeResultError extends Error {
  readonly report: string

  constructor(report: string, summary: string) {
    super(summary)
    this.report = report
  }
}

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
    const definitions = createMetricService({ changes })
    return DEMO_MESSAGES[await installDemo({ store, definitions, experiments, ifEmpty, quorum })]
  } finally {
    await store.close()
  }
}

async function reset(): Promise<string> {
  const { datastoreUrl, analysisFile } = loadCliConfig()
  const { type, what } = await resetDatastore(datastoreUrl)
  if (type === 'in-use') throw new UsageError(`${what} is in use: stop the service first`)
  // It names units. One of another machine is found out to be of another datastore, and deleted, when it is opened.
  deleteUnused(analysisFile)
  return type === 'deleted' ? `${what} is deleted` : `there was no ${what}`
}

async function migrate(): Promise<string> {
  const store = await openExperimentationStore(loadCliConfig().datastoreUrl)
  await store.close()
  return 'the datastore is up to date'
}

/** For commands that only read: `audit verify` must not change what it verifies. */
function openToRead(): ReturnType<typeof openExperimentationStore> {
  return openExperimentationStore(loadCliConfig().datastoreUrl, {
    whenBehind: { refuseAndRun: MIGRATE_COMMAND },
  })
}

/** The engine is large, and no other command needs it. */
async function openModel(): Promise<ReadModel> {
  const { openTemporaryReadModel } = await import('./read-model/temporary-read-model.ts')
  return openTemporaryReadModel()
}

type Store = Awaited<ReturnType<typeof openToRead>>

async function openSums(store: Store, { engine, exportFolder: folder }: SumsSource): Promise<ExportSums> {
  const limit = EVENTS_PER_READ
  if (folder === null) {
    return { ...createLogReader({ store, openModel, limit }), through: null }
  }
  const { openExportSums } = await import('./read-model/export/export-sums.ts')
  const spark = engine === 'spark' ? loadSparkConfig().command : null
  return openExportSums({ store, log: await store.logId(), folder, spark, limit })
}

function analysisService(store: Store, { sums }: ExportSums): AnalysisService {
  return createAnalysisService({ store, clock: systemClock, sums })
}

/** Errors whose message is for whoever ran the command. */
const EXPLAINED = [
  EventsErasedError,
  ExportUnusableError,
  ReadModelBehindError,
  ReadModelLockedError,
  SparkUnusableError,
  SparkError,
  SumOverflowError,
]

/** What is wrong with the command, or with what it was given: one line says it. */
function isExplained(error: unknown): error is Error {
  return EXPLAINED.some((type) => error instanceof type)
}

async function storeAnalysis({
  experimentKey,
  cutoff,
  json,
  store,
}: Extract<Command, { name: 'analyze' }>): Promise<string> {
  const { url, token } = loadApiConfig()
  const analysis = await runAnalysisByApi(createApiClient({ url: store?.url ?? url, token }), {
    experimentKey,
    cutoff: cutoff ?? systemClock.now(),
    timeoutMs: STORE_TIMEOUT_MS,
    onWait: (message) => console.error(message),
  })
  if (json) return JSON.stringify(analysis, null, 2)
  return `${analysisReport(toReported(analysis, experimentKey))}\n\nstored as ${analysis.id}`
}

async function replay({ analysisId, json, source }: Extract<Command, { name: 'replay' }>): Promise<string> {
  await using resources = new AsyncDisposableStack()
  const store = await openToRead()
  resources.defer(() => store.close())
  const sums = await openSums(store, source)
  resources.defer(() => sums.close())
  const result = await replayAnalysis(analysisId, { store, service: analysisService(store, sums) })
  switch (result.type) {
    case 'unknown-analysis':
      throw new UsageError(`there is no stored analysis "${analysisId}"`)
    case 'unusable-plan':
      throw new UsageError(`this release does not compute analysis "${analysisId}" (${result.reason})`)
    case 'replayed': {
      const report = json ? JSON.stringify(result.replay, null, 2) : replayReport(result.replay)
      if (!result.replay.equal || !result.replay.intact) {
        throw new NegativeResultError(report, 'the replay differs from what is stored')
      }
      return report
    }
  }
}

async function analyze(command: Extract<Command, { name: 'analyze' }>): Promise<string> {
  if (command.store !== null) return storeAnalysis(command)
  const { experimentKey, cutoff, asOf, json } = command
  await using resources = new AsyncDisposableStack()
  const store = await openToRead()
  resources.defer(() => store.close())
  const head = await store.head()
  const sums = await openSums(store, command.source)
  resources.defer(() => sums.close())
  const upTo = asOf ?? sums.through ?? head
  if (upTo > head) throw new UsageError(`there is no position ${upTo} yet: the last one is ${head}`)
  const service = analysisService(store, sums)
  const result = await service.analyse({ experimentKey, cutoff: cutoff ?? systemClock.now(), asOf: upTo })
  if (result.type !== 'analysed') throw new UsageError(describeRefusal(result, experimentKey))
  return json ? JSON.stringify(result.analysis, null, 2) : analysisReport(result.analysis)
}

function tellProgress(progress: ExportProgress): void {
  if (progress.type === 'erased') {
    console.error(`erased ${progress.events} events of units from files that were exported before`)
    return
  }
  const { through, goal } = progress
  console.error(`exported up to position ${through} of ${goal} (${Math.floor((100 * through) / goal)} %)`)
}

async function exportLog({ folder, format, archive }: Extract<Command, { name: 'export' }>): Promise<string> {
  await using resources = new AsyncDisposableStack()
  const store = await openToRead()
  resources.defer(() => store.close())
  const { exportEvents } = await import('./read-model/export/exporter.ts')
  const {
    through,
    ranges,
    archive: name,
  } = await exportEvents({
    ...{ store, folder, format, archive, clock: systemClock, limit: EVENTS_PER_READ },
    onProgress: tellProgress,
  })
  const waiting = name === null ? '' : `, and services with EVENT_ARCHIVE=${name} may erase up to there`
  return `events up to position ${through} are in ${folder}, in ${ranges.length} ranges${waiting}`
}

async function power({ question, traffic, json }: Extract<Command, { name: 'power' }>): Promise<string> {
  const outcome = analysePower(question)
  if (outcome.type !== 'planned') {
    throw new UsageError(
      outcome.problems.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
    )
  }
  const unitsPerDay = traffic === 'recent' ? await trafficOfStore() : traffic
  const { analysis } = outcome
  return json
    ? JSON.stringify({ ...analysis, unitsPerDay, days: daysOf(analysis, unitsPerDay) }, null, 2)
    : powerReport(question, analysis, unitsPerDay)
}

/** @throws UsageError where no experiment has had exposures in the last weeks */
async function trafficOfStore(): Promise<number> {
  await using resources = new AsyncDisposableStack()
  const store = await openToRead()
  resources.defer(() => store.close())
  const units = await recentTraffic(store, systemClock.now())
  if (units === null) throw new UsageError('no experiment has had exposures lately: give --units-per-day')
  return units
}

/** Through the API, like everybody: identity, rights and audit are its own. */
function experiment(command: ExperimentCommand): Promise<string> {
  const { url, token } = loadApiConfig()
  return runExperimentCommand(command, {
    client: createApiClient({ url: command.url ?? url, token }),
    onProgress: (message) => console.error(message),
  })
}

async function verify(): Promise<string> {
  const store = await openToRead()
  try {
    return describeVerification(await verifyAudit(store))
  } finally {
    await store.close()
  }
}

/** @throws NegativeResultError with one line for each problem */
function describeVerification({ entries, problems }: AuditVerification): string {
  if (problems.length === 0) return `the audit log is intact: ${entries} entries`
  const lines = problems.map(({ sequence, subject, message }) => {
    const where = [sequence === null ? null : `entry ${sequence}`, subject].filter((part) => part !== null)
    return [...where, message].join(': ')
  })
  throw new NegativeResultError(lines.join('\n'), 'the audit log is not intact')
}

/** Runs until a signal ends the process. */
async function analyst(): Promise<never> {
  const { runAnalyst } = await import('./analyst/run-analyst.ts')
  runService({ name: 'experimentation-analyst', start: () => runAnalyst({ listening: true }) })
  return new Promise(() => undefined)
}

function runCommand(command: Command): Promise<string> {
  switch (command.name) {
    case 'demo':
      return demo(command.ifEmpty)
    case 'migrate':
      return migrate()
    case 'analyze':
      return analyze(command)
    case 'replay':
      return replay(command)
    case 'export':
      return exportLog(command)
    case 'analyst':
      return analyst()
    case 'power':
      return power(command)
    case 'experiment':
      return experiment(command)
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
  if (error instanceof NegativeResultError) console.log(error.report)
  console.error(
    `experimentation: ${error instanceof NegativeResultError || isExplained(error) ? error.message : startupMessage(error)}`,
  )
  process.exitCode = 1
}

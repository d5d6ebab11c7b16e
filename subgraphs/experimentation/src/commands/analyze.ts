import { createApiClient } from '@bulkhead/service/api/api-client'
import { systemClock } from '@bulkhead/service/clock'
import { runAnalysisByApi } from '../api/run-analysis.ts'
import type { Command } from '../command-line/command-line.ts'
import { loadApiConfig } from '../config.ts'
import { describeRefusal } from '../services/analyses/describe-refusal.ts'
import { analysisReport } from '../terminal/analysis-report.ts'
import { toReported } from '../terminal/api-analysis.ts'
import { UsageError } from './errors.ts'
import { openToRead } from './store.ts'
import { analysisService, openSums } from './sums.ts'

type AnalyzeCommand = Extract<Command, { name: 'analyze' }>

/** The longest that `analyze --store` waits. */
const STORE_TIMEOUT_MS = 1_800_000

/** @throws UsageError where the experiment cannot be analysed */
export async function analyze(command: AnalyzeCommand): Promise<string> {
  if (command.store !== null) return storeAnalysis(command)
  const { experimentKey, cutoff, asOf, json } = command
  await using store = await openToRead()
  const head = await store.head()
  await using sums = await openSums(store, command.source)
  const upTo = asOf ?? sums.through ?? head
  if (upTo > head) throw new UsageError(`there is no position ${upTo} yet: the last one is ${head}`)
  const service = analysisService(store, sums)
  const result = await service.analyse({ experimentKey, cutoff: cutoff ?? systemClock.now(), asOf: upTo })
  if (result.type !== 'analysed') throw new UsageError(`${experimentKey}: ${describeRefusal(result)}`)
  return json ? JSON.stringify(result.analysis, null, 2) : analysisReport(result.analysis)
}

async function storeAnalysis({ experimentKey, cutoff, json, store }: AnalyzeCommand): Promise<string> {
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

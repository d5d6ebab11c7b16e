import type { Command } from '../command-line/command-line.ts'
import { replayAnalysis } from '../services/analyses/replay.ts'
import { replayReport } from '../terminal/replay-report.ts'
import { NegativeResultError, UsageError } from './errors.ts'
import { openToRead } from './store.ts'
import { analysisService, openSums } from './sums.ts'

/**
 * @throws UsageError where nothing can be replayed
 * @throws NegativeResultError where the replay differs
 */
export async function replay({
  analysisId,
  json,
  source,
}: Extract<Command, { name: 'replay' }>): Promise<string> {
  await using store = await openToRead()
  await using sums = await openSums(store, source)
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

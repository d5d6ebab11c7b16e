import type { RefreshCommand } from '../command-line/refresh.ts'
import { planRefresh } from '../services/refreshes/refresh-plan.ts'
import { trainAndReport } from '../terminal/train-and-report.ts'
import type { CommandContext } from './context.ts'

/** @returns the exit code: 1 where the same data was refreshed before, and the version did not pass */
export async function refreshModel(
  { versionId, until }: RefreshCommand,
  context: CommandContext,
): Promise<number> {
  const { refresh, choice } = await planRefresh(context.store, versionId)
  const version = await trainAndReport({
    ...context,
    owner: 'operator',
    reason: `a refresh of ${refresh.of}, by the recipe of decision ${refresh.decisionHash.slice(0, 12)}`,
    choice,
    refresh,
    ...(until !== null && { until }),
  })
  if (version.stage !== 'RETIRED') return 0
  context.err.write(
    `${version.id} is RETIRED and does not come back: refresh again when there is newer data\n`,
  )
  return 1
}

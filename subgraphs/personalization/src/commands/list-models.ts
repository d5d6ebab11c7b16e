import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ModelsCommand } from '../command-line/models.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { allVersions } from '../services/all-versions.ts'
import { grouped } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'

export async function listModels({ json }: ModelsCommand, { store, out }: CommandContext): Promise<number> {
  const versions: ModelVersion[] = []
  for await (const version of allVersions(store, {})) versions.push(version)
  if (json) out.write(`${JSON.stringify(versions.map(withTimes), null, 2)}\n`)
  else if (versions.length === 0)
    out.write('There is no model yet: train one (`npm run personalization -- train`)\n')
  else out.write(`${table(versions)}\n`)
  return 0
}

function table(versions: readonly ModelVersion[]): string {
  const rows = versions.map(({ id, stage, createdAt, owner, algorithm, trainingData }) => [
    id,
    stage,
    instant(createdAt),
    plainText(owner),
    grouped(trainingData.interactions),
    grouped(trainingData.users),
    grouped(trainingData.items),
    instant(trainingData.cutoff),
    plainText(algorithm),
  ])
  const header = [
    'version',
    'stage',
    'created',
    'owner',
    'interactions',
    'users',
    'items',
    'up to',
    'algorithm',
  ]
  return formatTable(header, rows, [1, 2, 3, 7, 8])
}

/** Times in RFC 3339, as in the graph. */
function withTimes({ createdAt, trainingData, stageHistory, ...version }: ModelVersion) {
  return {
    ...version,
    createdAt: instant(createdAt),
    trainingData: { ...trainingData, cutoff: instant(trainingData.cutoff) },
    stageHistory: stageHistory.map((change) => ({ ...change, at: instant(change.at) })),
  }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}

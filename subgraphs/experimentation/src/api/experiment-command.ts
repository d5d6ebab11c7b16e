import { experimentList } from '../terminal/experiment-list.ts'
import { experimentReport } from '../terminal/experiment-report.ts'
import type { ApiClient } from './api-client.ts'
import { createExperiment, reviewExperiment, type Step, stepExperiment } from './change-experiment.ts'
import { listExperiments } from './list-experiments.ts'
import type { ChangedExperiment } from './payload.ts'
import { readInput } from './read-input.ts'
import { showExperiment } from './show-experiment.ts'

type Change = { readonly key: string; readonly revision: number | null }

/** What is asked of experiments through the API; `--revision` left out is null. */
export type ExperimentRequest =
  | { readonly type: 'list'; readonly statuses: readonly string[]; readonly owner: string | null }
  | { readonly type: 'show'; readonly key: string }
  /** `-` for the standard input. */
  | { readonly type: 'create'; readonly file: string }
  | (Change & { readonly type: 'review'; readonly approved: boolean; readonly comment: string })
  | (Change & { readonly type: 'step'; readonly step: Step; readonly reason: string })

export type ExperimentCommand = {
  readonly name: 'experiment'
  readonly request: ExperimentRequest
  /** Null for the one of BULKHEAD_URL. */
  readonly url: string | null
  readonly json: boolean
}

type Surroundings = {
  readonly client: ApiClient
  /** Told while it takes long. */
  readonly onProgress: (message: string) => void
}

/**
 * Does what a command asks, and returns what to print.
 * @throws ApiError where it is refused
 */
export async function runExperimentCommand(
  { request, json }: Pick<ExperimentCommand, 'request' | 'json'>,
  { client, onProgress }: Surroundings,
): Promise<string> {
  function printed<T>(value: T, report: (value: T) => string): string {
    return json ? JSON.stringify(value, null, 2) : report(value)
  }
  switch (request.type) {
    case 'list': {
      const onPage = (read: number, total: number) => onProgress(`${read} of ${total} experiments read`)
      return printed(await listExperiments(client, { ...request, onPage }), experimentList)
    }
    case 'show':
      return printed(await showExperiment(client, request.key), experimentReport)
    case 'create':
      return printed(await createExperiment(client, await readInput(request.file)), described)
    case 'review':
      return printed(await reviewExperiment(client, request), described)
    case 'step':
      return printed(await stepExperiment(client, request), described)
  }
}

function described({ key, status, revision, version }: ChangedExperiment): string {
  return `experiment "${key}" is ${status}, at revision ${revision} and version ${version}`
}

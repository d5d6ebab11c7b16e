import { type ApiClient, createApiClient } from '@bulkhead/service/api/api-client'
import { createExperiment, reviewExperiment, stepExperiment } from '../api/change-experiment.ts'
import { listExperiments } from '../api/list-experiments.ts'
import type { ChangedExperiment } from '../api/payload.ts'
import { readInput } from '../api/read-input.ts'
import { showExperiment } from '../api/show-experiment.ts'
import type { ExperimentCommand } from '../command-line/experiment.ts'
import { loadApiConfig } from '../config.ts'
import { experimentList } from '../terminal/experiment-list.ts'
import { experimentReport } from '../terminal/experiment-report.ts'

/** Through the API, like everybody: identity, rights and audit are its own. @throws ApiError where it is refused */
export function experiment(command: ExperimentCommand): Promise<string> {
  const { url, token } = loadApiConfig()
  return runExperimentCommand(command, {
    client: createApiClient({ url: command.url ?? url, token }),
    onProgress: (message) => console.error(message),
  })
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

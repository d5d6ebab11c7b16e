import { type ApiClient, createApiClient } from '@bulkhead/service/api/api-client'
import {
  listBootstrapDecisions,
  recordBootstrapDecision,
  reviewBootstrapDecision,
} from '../api/bootstrap-decisions.ts'
import type { BootstrapCommand } from '../command-line/bootstrap.ts'
import { loadApiConfig } from '../config.ts'
import { bootstrapList, describeBootstrap } from '../terminal/bootstrap-list.ts'

/** Through the API, like everybody: identity, rights and audit are its own. @throws ApiError where it is refused */
export function bootstrap(command: BootstrapCommand): Promise<string> {
  const { url, token } = loadApiConfig()
  return runBootstrapCommand(command, createApiClient({ url: command.url ?? url, token }))
}

/**
 * Does what a command asks, and returns what to print.
 * @throws ApiError where it is refused
 */
export async function runBootstrapCommand(
  { request, json }: Pick<BootstrapCommand, 'request' | 'json'>,
  client: ApiClient,
): Promise<string> {
  function printed<T>(value: T, report: (value: T) => string): string {
    return json ? JSON.stringify(value, null, 2) : report(value)
  }
  switch (request.type) {
    case 'list':
      return printed(await listBootstrapDecisions(client), bootstrapList)
    case 'record': {
      const { modelVersionId, evaluationHash, rationale } = request
      const input = { modelVersionId, evaluationHash, rationale }
      return printed(await recordBootstrapDecision(client, input), describeBootstrap)
    }
    case 'review':
      return printed(await reviewBootstrapDecision(client, request), describeBootstrap)
  }
}

import { createApiClient } from '../api/api-client.ts'
import { type ExperimentCommand, runExperimentCommand } from '../api/experiment-command.ts'
import { loadApiConfig } from '../config.ts'

/** Through the API, like everybody: identity, rights and audit are its own. @throws ApiError where it is refused */
export function experiment(command: ExperimentCommand): Promise<string> {
  const { url, token } = loadApiConfig()
  return runExperimentCommand(command, {
    client: createApiClient({ url: command.url ?? url, token }),
    onProgress: (message) => console.error(message),
  })
}

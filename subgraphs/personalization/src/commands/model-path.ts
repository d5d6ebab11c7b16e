import type { ApiClient } from '@bulkhead/service/api/api-client'
import { promoteModel, rollBackModel, showModel } from '../api/model-path.ts'
import { showShadow } from '../api/shadow-report.ts'
import type { ModelPathCommand } from '../command-line/model-path.ts'
import { modelPath } from '../terminal/model-path.ts'
import { shadowReport } from '../terminal/shadow-report.ts'

/**
 * Does what the command asks through the API, like everybody: identity, rights and gates are its own. Returns what to
 * print.
 * @throws ApiError where it is refused
 */
export async function runModelPathCommand(command: ModelPathCommand, client: ApiClient): Promise<string> {
  switch (command.name) {
    case 'models show': {
      const shown = await showModel(client, command.id)
      return command.json ? JSON.stringify(shown, null, 2) : modelPath(shown)
    }
    case 'shadow': {
      const shown = await showShadow(client, command.id)
      return command.json ? JSON.stringify(shown.shadow, null, 2) : shadowReport(shown)
    }
    case 'promote': {
      const moved = await promoteModel(client, command)
      return command.json ? JSON.stringify(moved) : `${moved.id} is ${moved.stage}`
    }
    case 'rollback': {
      const serving = await rollBackModel(client, command)
      if (command.json) return JSON.stringify({ production: serving?.id ?? null })
      return serving === null
        ? `${command.id} is rolled back; no model is in production, so what is popular serves`
        : `${command.id} is rolled back; ${serving.id} serves again`
    }
  }
}

import type { Clock } from '@bulkhead/service/clock'
import { createLogger } from '@bulkhead/service/logging'
import { parseCommandLine } from '../command-line/command-line.ts'
import { importInteractions, importItems } from '../commands/import.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createTrainingService } from '../services/training-service.ts'

/** What an import says, also where it fails. */
export type Said = { out: string; err: string }

/** Runs `import …` as the command line does, on a store that is open. Rejects as the command does. */
export async function runImport(
  args: readonly string[],
  options: { readonly store: PersonalizationStore; readonly clock: Clock; readonly said?: Said },
): Promise<Said & { readonly code: number }> {
  const { store, clock, said = { out: '', err: '' } } = options
  const parsed = parseCommandLine(['import', ...args])
  if (parsed.type !== 'command') throw new Error(`no command: ${JSON.stringify(parsed)}`)
  const { command } = parsed
  const log = createLogger({ service: 'test', level: 'silent' })
  const context = {
    ...{ store, clock, training: createTrainingService({ store, clock, log }) },
    out: { write: (text: string) => (said.out += text) },
    err: { write: (text: string) => (said.err += text) },
  }
  if (command.name === 'import items') return { code: await importItems(command, context), ...said }
  if (command.name !== 'import interactions') throw new Error(`${command.name} imports nothing`)
  return { code: await importInteractions(command, context), ...said }
}

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMMAND_LINES } from '@bulkhead/dev/environment'
import { startProgram } from '@bulkhead/e2e/harness/processes'
import { serveNewestModel } from '@bulkhead/e2e/harness/serve-model'
import { interactionsOf, itemAt } from './catalogue.ts'
import type { PersonalizationServer } from './services.ts'

/** What goes on beside the slates. */
export type Disturbance = {
  readonly name: string
  /** Makes the input of the next run, other than that of the last one, before anything is measured. */
  prepare(): Promise<unknown>
  /** Ends when it is done, or as soon as it is aborted. */
  run(signal: AbortSignal): Promise<void>
}

const FEW = 10
const SEARCHES_AT_A_TIME = 4
/** It has to look at every title, since all of them are counted. */
const SEARCH = JSON.stringify({
  query: '{ items(filter: { titleContains: "of the cat" }, first: 20) { totalCount nodes { id } } }',
})

export const DISTURBANCES = 4

/**
 * `DISTURBANCES` of them.
 * @param options.from the first user who has no interactions yet
 */
export function disturbances(
  server: PersonalizationServer,
  options: { readonly items: number; readonly from: number; readonly rows: number },
): readonly Disturbance[] {
  const { items, rows } = options
  let nextUser = options.from
  let edition = 0

  async function csv(path: string, header: string, lines: Iterable<string>): Promise<void> {
    const file = createWriteStream(path)
    file.write(`${header}\n`)
    for (const line of lines) if (!file.write(`${line}\n`)) await once(file, 'drain')
    file.end()
    await once(file, 'close')
  }

  function* newInteractions(count: number): Iterable<string> {
    for (let written = 0; written < count; nextUser += 1) {
      for (const { userId, itemId, eventId } of interactionsOf(nextUser, items)) {
        yield `${userId},${itemId},${eventId}`
        written += 1
      }
    }
  }

  function* changedItems(): Iterable<string> {
    for (let index = 0; index < items; index += 1) {
      const { id, title, creator, categories } = itemAt(index)
      yield `${id},${title} (edition ${edition}),${creator},${categories[0]}`
    }
  }

  const interactionsFile = join(server.dataDir, 'interactions.csv')
  const itemsFile = join(server.dataDir, 'items.csv')
  const writeInteractions = (count: number) =>
    csv(interactionsFile, 'userId,itemId,eventId', newInteractions(count))

  return [
    {
      name: `import of ${rows} rows`,
      prepare: () => writeInteractions(rows),
      run: (signal) => command(server, ['import', 'interactions', interactionsFile, '--no-train'], signal),
    },
    {
      name: 'training, publishing and loading',
      // Without anything new there is nothing to train.
      prepare: () => writeInteractions(FEW),
      async run(signal) {
        await command(server, ['import', 'interactions', interactionsFile], signal)
        if (!signal.aborted) await serveNewestModel(server.env.DATASTORE_URL ?? '')
      },
    },
    {
      name: 'change of the whole catalogue',
      prepare() {
        edition += 1
        return csv(itemsFile, 'id,title,creator,categories', changedItems())
      },
      run: (signal) => command(server, ['import', 'items', itemsFile], signal),
    },
    {
      name: 'titleContains storm',
      prepare: async () => {},
      async run(signal) {
        const search = async () => {
          while (!signal.aborted) {
            const answer = await fetch(server.url, { method: 'POST', headers: server.headers, body: SEARCH })
            const text = await answer.text()
            if (!answer.ok || text.includes('"errors"')) throw new Error(`a search was refused: ${text}`)
          }
        }
        await Promise.all(Array.from({ length: SEARCHES_AT_A_TIME }, search))
      },
    },
  ]
}

/** Runs a command of personalization to its end, or until the signal kills it. */
async function command(
  { env }: PersonalizationServer,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const running = startProgram([fileURLToPath(COMMAND_LINES.personalization), ...args], { env })
  const kill = () => void running.kill()
  signal.addEventListener('abort', kill)
  const code = await running.ended
  signal.removeEventListener('abort', kill)
  if (!signal.aborted && code !== 0) throw new Error(`${args.join(' ')} failed:\n${running.output()}`)
}

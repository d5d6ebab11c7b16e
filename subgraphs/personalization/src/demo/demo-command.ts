import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import type { TrainingService } from '../services/training-service.ts'
import { createProgress } from '../terminal/progress.ts'
import { counted, type Terminal } from '../terminal/terminal.ts'
import { trainAndReport } from '../terminal/train-and-report.ts'
import { type DemoCatalogue, demoCatalogue } from './catalogue.ts'
import { DEMO_INTERACTIONS, DEMO_LISTENERS, demoInteractions } from './listeners.ts'

export type DemoCommand = { readonly ifEmpty: boolean; readonly seed: number }

const ROWS_PER_CALL = 500

/**
 * Loads the demo and trains a model on it. A load that was interrupted is continued. Other data is never mixed with the
 * demo: with `ifEmpty` nothing is loaded then, without it the command fails.
 * @returns the exit code
 */
export async function loadDemo(
  command: DemoCommand,
  options: {
    readonly store: PersonalizationStore
    readonly training: TrainingService
    readonly clock: Clock
    readonly out: Terminal
    readonly err: Terminal
  },
): Promise<number> {
  const { store, training, clock, out, err } = options
  const catalogue = demoCatalogue(command.seed)
  const found = await contents(store, catalogue)
  if (found === 'other') {
    if (command.ifEmpty) {
      out.write('Demo: not loaded, because the datastore already has another catalogue\n')
      return 0
    }
    err.write(
      'The datastore has a catalogue that is not this demo: `npm run personalization -- reset --yes` deletes it, ' +
        'or set DATASTORE_URL to another one\n',
    )
    return 1
  }
  if (found === 'demo' && command.ifEmpty) {
    out.write('Demo: already loaded\n')
    return 0
  }
  await load(catalogue, command.seed, store, createProgress({ terminal: err, clock, title: 'Demo' }))
  out.write(
    `Demo: ${counted(catalogue.tracks.length, 'track')} of ${counted(catalogue.artists.length, 'artist')}, ` +
      `${counted(DEMO_LISTENERS, 'listener')} with ${counted(DEMO_INTERACTIONS, 'interaction')}\n`,
  )
  await trainAndReport({ training, clock, out, err, owner: 'demo', reason: 'the demo was loaded' })
  return 0
}

/** `unfinished`: only a part of this demo, or all of it without the model that is trained last. */
async function contents(
  store: PersonalizationStore,
  catalogue: DemoCatalogue,
): Promise<'empty' | 'unfinished' | 'demo' | 'other'> {
  const stored = await store.countItems({})
  const [history] = await store.scanInteractions({ after: null, limit: 1 })
  if (stored === 0) return history === undefined ? 'empty' : 'other'
  const titles = new Map(catalogue.tracks.map(({ item }) => [item.id, item.title]))
  let ours = 0
  for (const ids of inPieces(titles.keys())) {
    const items = await store.itemsByIds(ids)
    ours += items.filter((item) => titles.get(item.id) === item.title).length
  }
  if (ours < stored) return 'other'
  const { versions } = await store.findModelVersions({ filter: {}, limit: 1, after: null })
  return versions.length === 0 ? 'unfinished' : 'demo'
}

async function load(
  catalogue: DemoCatalogue,
  seed: number,
  store: PersonalizationStore,
  progress: ReturnType<typeof createProgress>,
): Promise<void> {
  try {
    for (const items of inPieces(catalogue.tracks.map(({ item }) => item))) await store.upsertItems(items)
    let loaded = 0
    for (const interactions of inPieces<Interaction>(demoInteractions(seed, catalogue))) {
      await store.importInteractions(interactions)
      loaded += interactions.length
      progress.update(loaded / DEMO_INTERACTIONS, counted(loaded, 'interaction'))
    }
  } finally {
    progress.end()
  }
}

function* inPieces<Value>(values: Iterable<Value>): Generator<readonly Value[]> {
  let piece: Value[] = []
  for (const value of values) {
    piece.push(value)
    if (piece.length === ROWS_PER_CALL) {
      yield piece
      piece = []
    }
  }
  if (piece.length > 0) yield piece
}

import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import { evaluateAgainstChampion } from '../services/evaluation/champion-evaluation.ts'
import { createEvaluationService } from '../services/evaluation/evaluation-service.ts'
import type { TrainingService } from '../services/training-service.ts'
import { createProgress } from '../terminal/progress.ts'
import { counted, type Terminal } from '../terminal/terminal.ts'
import { trainAndReport } from '../terminal/train-and-report.ts'
import { type DemoCatalogue, demoCatalogue } from './catalogue.ts'
import { DEMO_INTERACTIONS, DEMO_LISTENERS, demoInteractions } from './listeners.ts'

export type DemoCommand = { readonly ifEmpty: boolean; readonly seed: number }

const ROWS_PER_CALL = 500

/**
 * A first model as one would begin with: plain, and trained on the first month alone, so that what came later tells how good
 * it is, and a challenger can be better.
 */
const FIRST_MODEL = {
  choice: { algorithm: 'item-knn', parameters: { neighbours: 50 } },
  until: Date.UTC(2025, 10, 1),
} as const

/**
 * Loads the demo, trains a first model on it and evaluates it. The model is REGISTERED: it does not serve. A load that was
 * interrupted is continued. Other data is never mixed with the demo: with `ifEmpty` nothing is loaded then, without it the
 * command fails.
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
  const { id } = await trainAndReport({
    ...{ training, clock, out, err, owner: 'demo', reason: 'the demo was loaded' },
    ...FIRST_MODEL,
  })
  const protocol = { split: { kind: 'temporal', cutoff: null }, cutoffs: [10], seed: 1 } as const
  const evaluations = createEvaluationService({ store })
  await evaluateAgainstChampion(id, protocol, { store, evaluations, clock })
  return 0
}

/** `unfinished`: only a part of this demo, or all of it without the evaluation of its model, which is made last. */
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
  const { versions } = await store.findModelVersions({ filter: {}, limit: 2, after: null })
  const [only, other] = versions
  if (only === undefined) return 'unfinished'
  if (other !== undefined || only.stage !== 'REGISTERED') return 'demo'
  return (await store.modelEvaluations([only.id])).size === 0 ? 'unfinished' : 'demo'
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

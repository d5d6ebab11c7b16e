import type { ExperimentationStore } from '../datastore/port.ts'
import { SYSTEM } from '../domain/audit/entry.ts'
import { withoutForced } from '../domain/targeting/forced-units.ts'
import type { ChangeQueue } from './changes/change-queue.ts'

/**
 * Takes units out of the forced variants of every experiment. Rejects as `ChangeQueue.run` does, and where an experiment
 * cannot be changed: then its units are still forced.
 */
export type EraseForced = (units: readonly string[]) => Promise<void>

const EXPERIMENTS_PER_READ = 100

/** Experiments that force a unit are few, so they are looked for when a unit is erased, and not indexed. */
export function createForcedUnitErasure(options: {
  readonly store: Pick<ExperimentationStore, 'experimentRecords'>
  readonly changes: Pick<ChangeQueue, 'run'>
}): EraseForced {
  const { store, changes } = options

  async function keysForcing(units: ReadonlySet<string>): Promise<readonly string[]> {
    const keys: string[] = []
    for (let after: string | null = null; ; ) {
      const page = await store.experimentRecords({ limit: EXPERIMENTS_PER_READ, after })
      for (const { key, value } of page) {
        if (value?.forced.some(({ unit }) => units.has(unit))) keys.push(key)
      }
      const last = page.at(-1)
      if (last === undefined) return keys
      after = last.key
    }
  }

  return async (erased) => {
    const units = new Set(erased)
    for (const key of await keysForcing(units)) {
      const outcome = await changes.run({
        action: 'eraseUnit',
        by: SYSTEM,
        reason: 'a unit is erased',
        urgent: false,
        needs: { experiments: [key], metrics: [] },
        decide(state) {
          const experiment = state.experiment(key)
          const changed = experiment === undefined ? null : withoutForced(experiment, units)
          return changed === null
            ? { type: 'refused', refusal: { type: 'experiment-not-found', key } }
            : { type: 'changed', experiment: changed }
        },
      })
      // Somebody else may have taken the units out, or removed the experiment, meanwhile.
      if (outcome.type === 'refused' && outcome.refusal.type !== 'experiment-not-found') {
        throw new Error(`experiment ${key} still forces erased units: ${outcome.refusal.type}`)
      }
    }
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { ErasureProgress, UnitErasure } from '../domain/erasure.ts'
import type { EraseForced } from './forced-unit-erasure.ts'

export type ErasureStep = {
  /** Whether there is more that can be done now. */
  readonly more: boolean
  readonly units: number
  readonly events: number
}

export type UnitErasing = {
  /** One bounded step of the erasures that wait. Rejects with DatastoreUnavailableError. */
  step(): Promise<ErasureStep>
}

const WAITING = 200
/** Each unit is looked for in each block. */
const UNITS_PER_SCAN = 20
const BLOCKS_PER_STEP = 50
const IDLE: ErasureStep = { more: false, units: 0, events: 0 }

/**
 * Carries erasures out: in events, rejections, and then forced variants and the units that are counted. Erasures that have got
 * equally far go on together. How far they have got is stored after each step, so another replica or the next process goes
 * on from there; a step that is done twice changes nothing.
 */
export function createUnitErasing(options: {
  readonly store: Pick<
    ExperimentationStore,
    'countedThrough' | 'eraseCountedUnits' | 'eraseUnits' | 'head' | 'moveErasures' | 'waitingErasures'
  >
  readonly eraseForced: EraseForced
}): UnitErasing {
  const { store, eraseForced } = options

  async function nextPlace(place: 'events' | 'rejections'): Promise<ErasureProgress> {
    if (place === 'events') return { place: 'rejections', after: null }
    return { place: 'counts', head: await store.head() }
  }

  async function carryOn(progress: ErasureProgress, erasures: readonly UnitErasure[]): Promise<ErasureStep> {
    if (progress.place === 'counts') {
      const units = erasures.map(({ unit }) => unit)
      await eraseForced(units)
      await store.eraseCountedUnits(units)
      return { more: true, units: await store.moveErasures(erasures, 'done'), events: 0 }
    }
    const { place } = progress
    const { after, erased } = await store.eraseUnits({
      place,
      erasures,
      after: progress.after,
      limit: BLOCKS_PER_STEP,
    })
    await store.moveErasures(erasures, after === null ? await nextPlace(place) : { place, after })
    return { more: true, units: 0, events: place === 'events' ? erased : 0 }
  }

  return {
    async step() {
      const waiting = await store.waitingErasures(WAITING)
      if (waiting.length === 0) return IDLE
      const { position } = await store.countedThrough()
      const ready = waiting.filter(({ progress }) => progress.place !== 'counts' || progress.head <= position)
      const [first] = ready
      if (first === undefined) return IDLE
      const together = ready.filter(({ progress }) => isDeepStrictEqual(progress, first.progress))
      return carryOn(first.progress, together.slice(0, UNITS_PER_SCAN))
    },
  }
}
